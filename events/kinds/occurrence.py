"""Any other dated happening."""

from events.facts import Fact
from events.field_types import Text
from events.subject_kinds import Subject


class Occurrence(Subject):
    """Something that happened and that no other subject kind covers."""


class Occurred(Fact):
    """Something happened."""

    about = Occurrence
    required = ("what",)
    sentence = "{what}"

    what: Text = None
