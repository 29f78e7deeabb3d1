"""SQLAlchemy-Continuum on SQLite: a versioned model, its version table asked with the library's validity columns.

Rows are stored in bulk just as the library writes them, one transaction record for each position. Asked for are the
columns needed, which is faster than whole objects, with indexes on the subject and on the position that we add.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, Text, create_engine, or_, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, configure_mappers, mapped_column
from sqlalchemy_continuum import Operation, make_versioned, version_class

from benchmarks.peers.histories import Found, Histories
from benchmarks.peers.rows import EVER, Row, versions
from benchmarks.scale import Workload

_CHUNK = 400
make_versioned(user_cls=None)


class Model(DeclarativeBase):
    """The declared models."""


class Fact(Model):
    """A fact."""

    __tablename__ = "fact"
    __versioned__: dict[str, Any] = {}  # noqa: RUF012  (the library's way of marking a model)
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


configure_mappers()
Past: Any = version_class(Fact)
Index("fact_version_of_subject", Past.subject, Past.transaction_id)
_FOUND = (Past.subject, Past.step, Past.does, Past.says, Past.settings)


class Continuum(Histories):
    """The library as it comes."""

    name = "SQLAlchemy-Continuum"
    packages = ("SQLAlchemy-Continuum", "SQLAlchemy")

    def __init__(self, folder: Path) -> None:
        self.engine = create_engine(f"sqlite:///{folder}/continuum.db")
        Model.metadata.create_all(self.engine)
        self.session = Session(self.engine)

    def load(self, workload: Workload) -> dict[str, float]:
        """Insert transactions, versions and the rows that stand."""
        began = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
        kept = versions(workload)
        start = perf_counter()
        self._insert("fact", [each.row._asdict() for each in kept if each.until == EVER])
        past = []
        for row, since, until, nth in kept:
            operation = Operation.INSERT if nth == 1 else Operation.UPDATE
            past.append(_version(row, since, None if until == EVER else until, operation))
        ended = {each.row.number: each for each in sorted(kept, key=lambda each: each.since)}
        past += [
            _version(each.row, each.until, None, Operation.DELETE) for each in ended.values() if each.until != EVER
        ]
        self._insert("fact_version", past)
        positions = sorted({each["transaction_id"] for each in past})
        self._insert("transaction", [{"id": at, "issued_at": began + timedelta(seconds=at)} for at in positions])
        with self.engine.begin() as connection:
            connection.execute(text("ANALYZE"))
        return {"import": perf_counter() - start}

    def _insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        with self.engine.begin() as connection:
            connection.execute(Model.metadata.tables[table].insert(), rows)

    def _fetch(self, wanted: Any) -> list[Any]:
        ordered = wanted.where(Past.actual).order_by(Past.subject, Past.lo, Past.rung, Past.number)
        return list(self.session.execute(ordered).all())

    def rows(self, subjects: Sequence[str] | None, at: int, recorded: int) -> Iterable[Found]:
        """Versions whose transaction is not later and had not ended."""
        wanted = select(*_FOUND).where(
            Past.transaction_id <= recorded,
            or_(Past.end_transaction_id.is_(None), Past.end_transaction_id > recorded),
            Past.operation_type != Operation.DELETE,
            Past.hi <= at,
        )
        if subjects is None:
            return self._fetch(wanted)
        found = []
        for begin in range(0, len(subjects), _CHUNK):
            found += self._fetch(wanted.where(Past.subject.in_(subjects[begin : begin + _CHUNK])))
        return found

    def reported(self, subject: str, at: int, reported: int) -> Iterable[Found]:
        """The versions that stand."""
        standing = (Past.end_transaction_id.is_(None), Past.operation_type != Operation.DELETE)
        wanted = select(*_FOUND).where(Past.subject == subject, *standing)
        return self._fetch(wanted.where(Past.hi <= at, Past.published <= reported))

    def touched(self, first: int, last: int) -> list[str]:
        """Those of the versions of the transactions between."""
        wanted = select(Past.subject).where(Past.transaction_id > first, Past.transaction_id <= last)
        return sorted(self.session.execute(wanted.distinct()).scalars())

    def close(self) -> None:
        """End the session."""
        self.session.close()
        self.engine.dispose()


def _version(row: Row, since: int, until: int | None, operation: int) -> dict[str, Any]:
    return {**row._asdict(), "transaction_id": since, "end_transaction_id": until, "operation_type": operation}


Peer = Continuum
