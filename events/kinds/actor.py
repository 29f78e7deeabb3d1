"""Actors: persons, organisations and states."""

from events.facts import Fact
from events.field_types import ActorId, ActorType, Text, Texts
from events.labels import labelled
from events.subject_kinds import Subject, stems


class Actor(Subject):
    """A person, an organisation or a state that acts or is spoken of."""

    words = "Person or party"
    nouns = stems(
        "en: minister, president, office, envoy, chief; uk: міністр, президент, посад; ru: министр, президент, пост;"
        " tr: bakan, başkan, görev; fr: ministre, président, fonction, chef; ar: وزير, رئيس, منصب"
    )


class ActorNamed(Fact):
    """An actor was given a name."""

    words = "An actor was named"
    verbs = stems(
        "en: named, known as, also called; uk: на ім'я, відом; ru: по имени, известн; tr: adındaki;"
        " fr: nommé, surnommé; ar: يدعى, المعروف"
    )
    about = Actor
    timeless = True
    required = ("name",)
    unions = ("aliases",)
    sentence = "named {name}[, {type}][, also known as {aliases}][, speaks for {party}]"

    name: Text = labelled("Name")
    type: ActorType = labelled("Person, organisation or state")
    aliases: Texts = labelled("Also known as")
    party: ActorId = labelled("Speaks for")


class OfficeAssumed(Fact):
    """An actor took up an office."""

    words = "An office was taken up"
    verbs = stems(
        "en: appoint, became, took over as, sworn in, took office, elected; uk: признач, став, обійня, обра;"
        " ru: назнач, стал, вступил в должность, избра; tr: atan, seçil, göreve;"
        " fr: nommé, élu, devenu, prend ses fonctions; ar: عين, تعيين, تولى"
    )
    about = Actor
    per = "office"
    begins = True
    sets = {"holds": True}  # noqa: RUF012
    labels = {"holds": "Office"}  # noqa: RUF012
    sentence = "took office as {office}[, {body}]"

    office: Text = labelled("Office")
    body: Text = labelled("Institution")


class OfficeLeft(Fact):
    """An actor left an office."""

    words = "An office was left"
    verbs = stems(
        "en: left office, resign, stepped down, dismiss, sacked; uk: звільн, відстав, піш;"
        " ru: уволен, отстав, покину; tr: istifa, görevden; fr: quitté, démission, limog; ar: استقال, أقيل, غادر منصب"
    )
    about = Actor
    per = "office"
    sets = {"holds": False}  # noqa: RUF012
    labels = {"holds": "Office"}  # noqa: RUF012
    closes = ("body",)
    sentence = "left office as {office}"

    office: Text = labelled("Office")
