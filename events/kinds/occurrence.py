"""Any other dated happening, and events of violence or protest as data sets code them."""

from events.facts import Fact
from events.field_types import ActorId, Count, Text
from events.labels import labelled
from events.subject_kinds import Subject, stems


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


class IncidentOccurred(Fact):
    """A violent or political incident took place, as a data set of events codes it: who, where, how many died."""

    words = "An incident took place"
    about = Occurrence
    once = True
    required = ("event_type",)
    sentence = (
        "{event_type}[ ({sub_event_type})][ of {side_a}][ with {side_b}][ at {place}][, {country}][; {deaths} died]"
    )

    event_type: Text = labelled("Type of event")
    sub_event_type: Text = labelled("Type in detail")
    side_a: ActorId = labelled("One side")
    side_b: ActorId = labelled("Other side")
    deaths: Count = labelled("Deaths")
    place: Text = labelled("Place")
    region: Text = labelled("Region")
    country: Text = labelled("Country")
    latitude: Text = labelled("Latitude")
    longitude: Text = labelled("Longitude")
