"""What can be said of any subject. The first fact about a subject carries its `subject_kind`."""

from events.facts import Fact
from events.field_types import ActorId, SubjectId, Text, Texts
from events.labels import labelled
from events.subject_kinds import stems


class SubjectDescribed(Fact):
    """A subject was given its title, its place in a larger whole, or other names."""

    words = "A title was given"
    verbs = stems(
        "en: called, known as, titled; uk: називають, відом; ru: называют, известн; tr: adlı, bilinen;"
        " fr: appelé, intitulé; ar: يسمى, المعروف"
    )
    timeless = True
    unions = ("aliases",)
    sentence = "described[ as {title}][, part of {part_of}][, also known as {aliases}]"

    title: Text = labelled("Title")
    part_of: SubjectId = labelled("Part of")
    aliases: Texts = labelled("Also known as")


class StatementMade(Fact):
    """Somebody said something about the subject."""

    words = "A statement was made"
    verbs = stems(
        "en: said, told, stated, announc, promis, warned, according; uk: сказа, заяви, повідоми, наголоси;"
        " ru: сказал, заяви, сообщи, подчеркн; tr: söyledi, açıkladı, belirtti, dedi;"
        " fr: déclar, affirm, annonc, promis, a dit; ar: قال, صرح, أعلن, أكد"
    )
    per = "by"
    acts = ("gist", "channel")
    required = ("gist",)
    sentence = "[{by} ]said: {gist}[ ({channel})]"
    cameo = "010"

    by: ActorId = labelled("Said by")
    gist: Text = labelled("What was said")
    channel: Text = labelled("Where it was said")
