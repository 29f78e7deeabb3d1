"""Any other dated happening."""

from events.facts import Fact
from events.field_types import Text
from events.labels import labelled
from events.stems import stems
from events.subject_kinds import Subject


class Occurrence(Subject):
    """Something that happened and that no other subject kind covers."""

    words = "Event"


class Occurred(Fact):
    """Something happened."""

    words = "Something happened"
    verbs = stems(
        "en: happen, occurred, met, took place, visit, clash; uk: відбул, стал; ru: произош, случил;"
        " tr: çıktı, gerçekleş, meydana; fr: eu lieu, produit, survenu; ar: حدث, وقع, جرى"
    )
    about = Occurrence
    required = ("what",)
    sentence = "{what}"

    what: Text = labelled("What happened")
