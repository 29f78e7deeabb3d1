"""What can be said of any subject. The first fact about a subject carries its `subject_kind`."""

from events.facts import Fact
from events.field_types import ActorId, SubjectId, Text, Texts


class SubjectDescribed(Fact):
    """A subject was given its title, its place in a larger whole, or other names."""

    timeless = True
    unions = ("aliases",)
    sentence = "described[ as {title}][, part of {part_of}][, also known as {aliases}]"

    title: Text = None
    part_of: SubjectId = None
    aliases: Texts = None


class StatementMade(Fact):
    """Somebody said something about the subject."""

    per = "by"
    acts = ("gist", "channel")
    required = ("gist",)
    sentence = "[{by} ]said: {gist}[ ({channel})]"
    cameo = "010"

    by: ActorId = None
    gist: Text = None
    channel: Text = None
