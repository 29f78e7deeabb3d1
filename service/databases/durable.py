"""The tables that cannot be rebuilt."""

from sqlalchemy import Engine, inspect

LOG = "chronology_events"
TURN = "chronology_turn"
DURABLE = (TURN, LOG, "chronology_subjects", "chronology_keys", "keyring_events")
"""A further table is one more name; its columns are found by asking the database."""


def all_there(engine: Engine) -> bool:
    """Whether every durable table is in the database."""
    return set(DURABLE) <= set(inspect(engine).get_table_names())
