"""PostgreSQL connections: several hosts are tried in order, dead ones noticed by timeout, poolers allowed between.

An address is what libpq takes, `postgresql://USER@HOST,HOST/NAME?...`, with one parameter more: `pooler=transaction`
says that a pooler between gives each transaction any of its connections, so that sessions hold nothing.
Several addresses are separated by spaces: the first that accepts is taken.
"""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from eventsourcing import postgres
from eventsourcing.persistence import InfrastructureFactory, OperationalError
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

UnreadableAddress = psycopg.ProgrammingError
POOLER = "pooler"
ADDRESS = "POSTGRES_ADDRESS"
MOST = "POSTGRES_MOST_CONNECTIONS"
KEEPALIVE = {"keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3", "tcp_user_timeout": "10000"}
"""In seconds, but for the last, which is in milliseconds: a host that vanishes is missed after about ten seconds."""
_IN_TIME = {"connect_timeout": "5", **KEEPALIVE}
_WARNING = "01000"  # SQLSTATE of a commit that has stopped waiting for its replicas
_IDLE_IN_TRANSACTION_SECONDS = 600


def is_postgres(database: str) -> bool:
    """Whether it is the address of a PostgreSQL."""
    return database.startswith(("postgresql://", "postgres://"))


def asked_for(address: str, name: str) -> str | None:
    """The value of an address's parameter."""
    pairs = (each.partition("=") for each in address.partition("?")[2].split("&"))
    return next((value for named, _, value in pairs if named == name), None)


def asking_for(address: str, name: str, value: str | None) -> str:
    """The address with another value of the parameter, or without it."""
    head, _, query = address.partition("?")
    pairs = [each for each in query.split("&") if each and each.partition("=")[0] != name]
    pairs += [] if value is None else [f"{name}={value}"]
    return f"{head}?{'&'.join(pairs)}" if pairs else head


def several_hosts(address: str) -> bool:
    """Whether the address names more than one host."""
    return "," in str(conninfo_to_dict(asking_for(address, POOLER, None)).get("host") or "")


def connect(database: str, connection: type[psycopg.Connection[Any]] | None = None, **options: Any) -> Any:
    """A connection to the first of the addresses that accepts one; `options` are psycopg's.

    Raises:
        psycopg.Error: none does; what the first of them said.
    """
    failures = []
    for conninfo, threshold in _each(database):
        try:
            chosen: Any = connection or psycopg.Connection
            return chosen.connect(conninfo, **{"prepare_threshold": threshold, **options})
        except psycopg.OperationalError as error:
            failures.append(error)
    raise failures[0]


def _each(database: str) -> Iterator[tuple[str, int | None]]:
    """The address for libpq of each, and after how many times a statement is prepared (None: never)."""
    for address in database.split():
        plain = asking_for(address, POOLER, None)
        missing = {name: value for name, value in _IN_TIME.items() if name not in conninfo_to_dict(plain)}
        for name, value in missing.items():
            plain = asking_for(plain, name, value)
        yield plain, None if keeps_no_session(address) else 5


def keeps_no_session(database: str) -> bool:
    """Whether a pooler between keeps nothing of a session from one transaction to the next."""
    return asked_for(database.split()[0], POOLER) == "transaction"


@contextmanager
def acknowledged(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """A transaction whose commit counts only where the replicas that must have it do have it.

    Who cancels a commit that waits for them, by hand or by a `statement_timeout`, lets it pass with no more than a
    warning, though it may be lost with the primary.

    Raises:
        OperationalError: it waited in vain; it is not known whether what was recorded stays.
    """
    warnings: list[str] = []

    def note(notice: psycopg.errors.Diagnostic) -> None:  # its text can be read only while it is handled
        if notice.severity_nonlocalized == "WARNING" and notice.sqlstate == _WARNING:
            warnings.append(str(notice.message_primary))

    connection.add_notice_handler(note)
    try:
        yield
    finally:
        connection.remove_notice_handler(note)
    if warnings:
        raise OperationalError("; ".join(warnings))


class Reached(psycopg.Connection[Any]):
    """A connection that the log's pool makes."""

    @classmethod
    def connect(cls, _: str = "", *, database: str = "", **options: Any) -> Any:  # type: ignore[override]
        """Connect to the first of the addresses that accepts; how long each may take is the address's own."""
        options.pop("connect_timeout", None)
        return connect(database, **options)


class Datastore(postgres.PostgresDatastore):
    """The library's, on connections made here. The pool gives up a failed attempt, so that the next call makes one."""

    def __init__(self, database: str, most: int) -> None:
        super().__init__("", "", "", "", "", idle_in_transaction_session_timeout=_IDLE_IN_TRANSACTION_SECONDS)
        self.pool: Any = postgres.ConnectionPool(
            connection_class=Reached,
            kwargs={"database": database, "row_factory": dict_row},
            min_size=1,
            max_size=most,
            open=False,
            configure=_in_single_statements if keeps_no_session(database) else self.after_connect_func(),
            timeout=5.0,  # this and those below in seconds
            max_lifetime=600.0,
            max_idle=30.0,
            reconnect_timeout=1.0,
            check=postgres.ConnectionPool.check_connection,  # a connection that died is replaced
        )


def _in_single_statements(connection: psycopg.Connection[Any]) -> None:
    """Set nothing in the session: it may be another one in the next transaction."""
    connection.autocommit = True


class PostgresRecorder(postgres.PostgresApplicationRecorder):
    """The library's, without its retries: ten of them would hold every thread while the database is away."""

    def create_table(self) -> None:
        """Make what is not there. A type is looked for first: to make it again is an error in the database's log."""
        name = f"{self.datastore.schema}.{self.stored_event_type_name}"
        with self.datastore.transaction() as cursor:
            found = cursor.execute("SELECT to_regtype(%s) IS NOT NULL AS is_there", (name,)).fetchone()
        if found and found["is_there"]:
            statements = self.sql_create_statements
            self.sql_create_statements = [each for each in statements if "CREATE TYPE" not in each.as_string()]
        super().create_table()

    insert_events = inspect.unwrap(postgres.PostgresApplicationRecorder.insert_events)
    max_notification_id = inspect.unwrap(postgres.PostgresApplicationRecorder.max_notification_id)
    select_events = inspect.unwrap(postgres.PostgresApplicationRecorder.select_events)
    select_notifications = inspect.unwrap(postgres.PostgresApplicationRecorder.select_notifications)


class Factory(postgres.PostgresFactory):
    """What the library makes its parts with."""

    application_recorder_class = PostgresRecorder

    def __init__(self, env: Any) -> None:
        InfrastructureFactory.__init__(self, env)  # not that of the class between, which makes a datastore of its own
        self.datastore = Datastore(str(self.env.get(ADDRESS)), int(self.env.get(MOST) or 1))
