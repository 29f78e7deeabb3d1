"""SQLAlchemy's recipe of versioned objects with a history table of their own, on SQLite.

Own code after the idea of the example `versioned_history` in SQLAlchemy's documentation (SQLAlchemy is under the MIT
licence): a row that changes is copied to a history table with its version and when it ceased to stand. The recipe does
not say since when a row stands; we keep that too, or it could not be asked about the past.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, MetaData, Text, create_engine, select, text, union_all
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from benchmarks.peers.histories import Found, Histories
from benchmarks.peers.rows import EVER, versions
from benchmarks.scale import Workload

_CHUNK = 200
_ORDER = ("subject", "lo", "rung", "number")
_FOUND = ("subject", "step", "does", "says", "settings")


class Model(DeclarativeBase):
    """The declared models."""

    metadata = MetaData()


class _Columns:
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(Text)
    lo: Mapped[int] = mapped_column(BigInteger)
    hi: Mapped[int] = mapped_column(BigInteger)
    rung: Mapped[int]
    step: Mapped[int]
    does: Mapped[str]
    says: Mapped[str]
    published: Mapped[int] = mapped_column(BigInteger)
    actual: Mapped[bool] = mapped_column(Boolean)
    settings: Mapped[str] = mapped_column(Text)
    since: Mapped[int] = mapped_column(BigInteger, index=True)


class Fact(_Columns, Model):
    """A fact as it stands."""

    __tablename__ = "fact"
    __table_args__ = (Index("fact_of_subject", "subject", "lo"),)
    version: Mapped[int]


class FactHistory(_Columns, Model):
    """A fact as it stood until the position `changed`."""

    __tablename__ = "fact_history"
    __table_args__ = (Index("fact_history_of_subject", "subject", "changed"),)
    version: Mapped[int] = mapped_column(primary_key=True)
    changed: Mapped[int] = mapped_column(BigInteger, index=True)


class Versioned(Histories):
    """A table of what stands and a table of what stood."""

    name = "SQLAlchemy versioned history"
    packages = ("SQLAlchemy",)

    def __init__(self, folder: Path) -> None:
        self.engine = create_engine(f"sqlite:///{folder}/versioned.db")
        Model.metadata.create_all(self.engine)
        self.session = Session(self.engine)

    def load(self, workload: Workload) -> dict[str, float]:
        """Insert what stands and what stood."""
        kept = versions(workload)
        start = perf_counter()
        whole = [
            {**each.row._asdict(), "since": each.since, "version": each.nth, "changed": each.until} for each in kept
        ]
        with self.engine.begin() as connection:
            connection.execute(FactHistory.__table__.insert(), [each for each in whole if each["changed"] != EVER])
            standing = [each for each in whole if each.pop("changed") == EVER]
            connection.execute(Fact.__table__.insert(), standing)
            connection.execute(text("ANALYZE"))
        return {"import": perf_counter() - start}

    def rows(self, subjects: Sequence[str] | None, at: int, recorded: int) -> Iterable[Found]:
        """What stands since then or longer, and what ceased to stand later."""
        if subjects is None:
            return self._rows(None, at, recorded)
        starts = range(0, len(subjects), _CHUNK)
        return [row for begin in starts for row in self._rows(subjects[begin : begin + _CHUNK], at, recorded)]

    def _rows(self, subjects: Sequence[str] | None, at: int, recorded: int) -> list[Any]:
        halves = []
        for model in (Fact, FactHistory):
            columns = [getattr(model, name) for name in (*_FOUND, "lo", "rung", "number")]
            half = select(*columns).where(model.actual, model.hi <= at, model.since <= recorded)
            half = half if subjects is None else half.where(model.subject.in_(subjects))
            halves.append(half.where(FactHistory.changed > recorded) if model is FactHistory else half)
        both = union_all(*halves).order_by(*_ORDER)
        return [row[:5] for row in self.session.execute(both)]

    def reported(self, subject: str, at: int, reported: int) -> Iterable[Found]:
        """What stands."""
        wanted = select(*(getattr(Fact, name) for name in _FOUND)).where(Fact.subject == subject, Fact.actual)
        ordered = wanted.where(Fact.hi <= at, Fact.published <= reported).order_by(Fact.lo, Fact.rung, Fact.number)
        return list(self.session.execute(ordered).all())  # type: ignore[arg-type]

    def touched(self, first: int, last: int) -> list[str]:
        """Those of rows that began or ceased to stand between."""
        found: set[str] = set()
        for subject, position in (
            (Fact.subject, Fact.since),
            (FactHistory.subject, FactHistory.since),
            (FactHistory.subject, FactHistory.changed),
        ):
            found |= set(self.session.execute(select(subject).where(position > first, position <= last)).scalars())
        return sorted(found)

    def close(self) -> None:
        """End the session."""
        self.session.close()
        self.engine.dispose()


Peer = Versioned
