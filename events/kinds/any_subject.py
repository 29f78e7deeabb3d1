"""What can be said of any subject. The first fact about a subject carries its `subject_kind`."""

from events.facts import Fact
from events.field_types import ActorId, SubjectId, Text, Texts
from events.labels import labelled


class SubjectDescribed(Fact):
    """A subject was given its title, its place in a larger whole, or other names."""

    words = "A title was given"
    timeless = True
    unions = ("aliases",)
    sentence = "described[ as {title}][, part of {part_of}][, also known as {aliases}]"

    title: Text = labelled("Title")
    part_of: SubjectId = labelled("Part of")
    aliases: Texts = labelled("Also known as")


class StatementMade(Fact):
    """Somebody said something about the subject."""

    words = "A statement was made"
    per = "by"
    acts = ("gist", "channel")
    required = ("gist",)
    sentence = "[{by} ]said: {gist}[ ({channel})]"
    cameo = "010"

    by: ActorId = labelled("Said by")
    gist: Text = labelled("What was said")
    channel: Text = labelled("Where it was said")
