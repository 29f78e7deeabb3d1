"""Any other dated happening."""

from events.facts import Fact, Subject
from events.field_types import Text


class Occurrence(Subject):
    """Something that happened and that no other subject kind covers."""


class Occurred(Fact):
    """Something happened."""

    about = Occurrence
    required = ("what",)
    sentence = "{what}"

    what: Text = None
