"""Incidents: single events of violence or protest, as data sets of conflict events count them."""

from events.facts import Fact
from events.field_types import ActorId, Count, Text
from events.labels import labelled
from events.stems import stems
from events.subject_kinds import Subject


class Incident(Subject):
    """One event of political violence or protest, at one place and time."""

    words = "Incident"
    nouns = stems("en: incident; uk: інцидент; ru: инцидент; fr: incident")


class IncidentOccurred(Fact):
    """A violent or political incident took place, as a data set of events codes it: who, where, how many died."""

    words = "An incident took place"
    about = Incident
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
