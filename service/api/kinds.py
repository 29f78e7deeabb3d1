"""The vocabulary: which kinds there are, and what people call them and their fields."""

from flask import Response

from events.kinds.descriptions import KindDescription, Vocabulary, description, vocabulary
from service.api.blueprints import blueprint
from service.web.responses import unchanging

routes = blueprint("kinds", "The vocabulary")


@routes.get("/kinds")
@routes.response(200, Vocabulary)
def list_kinds() -> Response:
    """Every kind of fact and of subject: names in words, fields with labels and schemas, ladders, halts, sentences."""
    return unchanging(vocabulary())


@routes.get("/kinds/<kind>")
@routes.response(200, KindDescription)
def show_kind(kind: str) -> Response:
    """One kind of fact: its name in words, its sentence, what it does to a status, its fields."""
    return unchanging(description(kind))
