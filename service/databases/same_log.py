"""Whether a replica has the log of the primary, or another one: a restored primary, and a replica from before.

The last event that both have is compared, by its hash: ids and instants make it another one in each history.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict

from events.log.postgres import POOLER, asking_for, connect
from events.log.reader import POSTGRES, LogReader
from events.log.recorders import EVENTS, PostgresLog


class Replicas:
    """The replicas that may be asked, and those that are left out as their log is another one.

    Args:
        primary: the address of the database that is written.
        addresses: those of its replicas.
    """

    def __init__(self, primary: str, addresses: Sequence[str]) -> None:
        self._primary = primary
        self._addresses = addresses
        self._sizes: dict[str, int] = {}
        self.left_out: frozenset[str] = frozenset()
        self.were_compared = False

    @property
    def to_ask(self) -> list[str]:
        """The addresses of those that are not left out."""
        return [each for each in self._addresses if each not in self.left_out]

    @property
    def names_left_out(self) -> list[str]:
        """Host and database of those that are."""
        return [_name(each) for each in self._addresses if each in self.left_out]

    def compare(self) -> None:
        """Compare each with the primary; while that is away, what was found before holds."""
        try:
            with _log_of(self._primary) as primary:
                self.left_out = frozenset(each for each in self._addresses if self._is_other(each, primary))
                self.were_compared = True
        except psycopg.Error:
            return

    def _is_other(self, address: str, primary: LogReader) -> bool:
        """Whether it has another event, or had more events at the last comparison than the primary has now.

        For a moment it may have more: PostgreSQL shows a commit when its replicas have it.
        """
        try:
            with _log_of(address) as replica:
                size = replica.tree().size
                both = min(size, primary.tree().size)
                before, self._sizes[address] = self._sizes.get(address, 0), size
                stays_ahead = size > both and before > both
                return stays_ahead or replica.leaf(both) != primary.leaf(both)
        except psycopg.Error:  # away, or without tables as yet
            return address in self.left_out


@contextmanager
def _log_of(address: str) -> Iterator[LogReader]:
    with closing(connect(address, autocommit=True)) as connection, connection.cursor() as cursor:
        yield LogReader(cursor, EVENTS, PostgresLog.turn, POSTGRES)


def _name(address: str) -> str:
    parts = conninfo_to_dict(asking_for(address, POOLER, None))
    return f"{parts.get('host') or parts.get('hostaddr') or 'localhost'}/{parts.get('dbname') or parts.get('user')}"
