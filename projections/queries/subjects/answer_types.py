"""The types of what questions about subjects return."""

from typing import TypedDict

from events.field_types import JsonObject
from projections.clocks import AskedClocks
from projections.fold.answer_types import State


class StateAtClocks(State):
    """What is known of a subject at the clocks asked."""

    asked: AskedClocks


class Values(TypedDict):
    """What a subject's status is and its fields are, without what they rest on."""

    id: str
    status: str | None
    fields: JsonObject


class ValuesAtClocks(Values):
    """The same at the clocks asked."""

    asked: AskedClocks
