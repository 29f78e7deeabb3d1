"""The tables of all views, once for each of two generations, and the bookmark of each generation."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, Text

GENERATIONS = ("a", "b")

BOOKMARKS = Table(
    "chronology_views",
    MetaData(),
    Column("generation", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("layout", Integer, nullable=False),
)


def tables_of(views: Iterable[Any]) -> dict[str, MetaData]:
    """The tables of the views, by generation."""
    views, tables = tuple(views), {generation: MetaData() for generation in GENERATIONS}
    for generation, metadata in tables.items():
        for view in views:
            view.define(metadata, f"view_{generation}_")
    return tables


def fresh(generation: str, layout: int, *, active: bool) -> dict[str, Any]:
    """The bookmark of a generation that has followed nothing yet."""
    return {"generation": generation, "position": 0, "active": active, "layout": layout}
