"""Readings: one party's account of things, beside that of another."""

from events.history.fact_as_of import FactAsOf


def as_read_by(party: str, fact: FactAsOf) -> None:
    """Let the fact count as the party would have it.

    What the party says, and what nobody disputes, stays as it is. What is attributed to others, and what is disputed
    without being the party's own word, is only alleged.
    """
    said_by = fact.values.get("attributed_to")
    stands = said_by == party or (said_by is None and not fact.disputes)
    if fact.modality == "actual" and not stands:
        fact.values["modality"] = fact.modality = "alleged"
