"""Does what I cited still read so?"""

from typing import TypedDict

import marshmallow as ma
from flask import Response

from events.field_types import JsonObject
from projections.clocks import Asked
from projections.queries.history.checks import Check
from service.api.blueprints import blueprint
from service.chronicle.schemas import Body
from service.web.access import chronology
from service.web.dear_questions import dear
from service.web.following.asked import MOST_ADDRESSES, checked, followed
from service.web.parameters import takes
from service.web.responses import answer

routes = blueprint("checks", "Whether what was cited still reads so")


class Checks(TypedDict):
    """The checks, in the order of the addresses."""

    checks: list[Check]
    position: int


class AddressesSchema(Body):
    """Permalinks: addresses of states, facts or differences, each with a position."""

    addresses = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(1, 2_000)),
        required=True,
        validate=ma.validate.Length(1, MOST_ADDRESSES),
    )


@routes.post("/checks")
@routes.response(200, Checks)
@takes(routes, AddressesSchema())
@dear()
def check_cited(given: JsonObject) -> Response:
    """Whether each state, fact or difference cited still reads so, and if not, what differs and why."""
    cited = followed(given).cited
    with chronology().ask(Asked()) as (snapshot, _):
        return answer(Checks(checks=checked(snapshot, cited), position=snapshot.position))
