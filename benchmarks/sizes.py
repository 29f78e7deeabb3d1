"""What a fact weighs on PostgreSQL: bytes on disk of each table, bytes of write-ahead log, and rates; for planning.

A load of the comparisons' workload, checked as any other, on the PostgreSQL that pip brings, with `fsync` on; then the
same number of single calls with no replica, and with two of which one must have each commit.
"""

import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.peers.ours import Ours
from benchmarks.scale import Workload
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.survival.replicas import NotHere, cluster
from tests.survival.servers import PostgresServer, postgres_server
from tests.survival.writers import write

_LOG = ("chronology_events", "chronology_keys", "chronology_subjects", "chronology_turn")
_SIZES = """
    SELECT relname, pg_total_relation_size(oid), pg_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0 ORDER BY 2 DESC
"""
_WRITTEN = "SELECT (pg_current_wal_lsn() - '0/0')::bigint"
_CALLS = 200


def measure(count: int, **_: Any) -> None:
    """Print bytes and rates for each fact."""
    with postgres_server() as server, tempfile.TemporaryDirectory() as folder:
        weigh(server, Path(folder), count)
    alone, synchronous = single_calls()
    print(f"one call of a source and two to six facts after another: {alone:,.0f} a second with no replica")
    if synchronous:
        print(f"and {synchronous:,.0f} a second where one of two replicas must have each commit")


def weigh(server: PostgresServer, folder: Path, count: int) -> None:
    """Load so many facts, and print what they weigh."""
    server.say("ALTER SYSTEM SET full_page_writes = on")
    ours = Ours(folder, server.address)
    begun = server.ask(_WRITTEN)
    seconds = ours.load(Workload(count))
    written = server.ask(_WRITTEN) - begun
    server.say("VACUUM ANALYZE")
    with psycopg.connect(server.address) as connection:
        sizes = connection.execute(_SIZES).fetchall()  # type: ignore[arg-type]
    with ours.chronology.store.reading() as snapshot:
        events, used = snapshot.position, f"view_{snapshot.generation}_"
    log = sum(total for name, total, _ in sizes if name in _LOG)
    views = sum(total for name, total, _ in sizes if name.startswith(used))
    print(f"{count:,} facts, {events:,} events: log {log / count:,.0f} bytes a fact, views {views / count:,.0f}")
    for name, total, heap in sizes:
        if name in _LOG or name.startswith(used):
            print(f"  {name:28} {total / count:8,.0f} bytes a fact, {(total - heap) / count:8,.0f} beside the rows")
    print(f"write-ahead log of import and rebuild together: {written / count:,.0f} bytes a fact")
    print(f"import {count / seconds['import']:,.0f} facts a second, rebuild {count / seconds['rebuild']:,.0f}")
    ours.close()


def single_calls() -> tuple[float, float]:
    """Calls a second, one after the other: on one server, and where a replica must have each; 0 where none can be."""
    try:
        with cluster() as servers:
            synchronous = _rate(servers.address())
            servers.servers[servers.primary].say("ALTER SYSTEM SET synchronous_standby_names = ''")
            servers.servers[servers.primary].say("SELECT pg_reload_conf()")
            time.sleep(1)
            return _rate(servers.address()), synchronous
    except NotHere:
        with postgres_server() as server:
            return _rate(server.address), 0.0


def _rate(database: str) -> float:
    chronology, chance = Chronology(Settings(database=database)), random.Random(5)
    took, begun = [], chronology.record.head()
    for number in range(1, _CALLS + 1):
        start = time.perf_counter()
        write(chronology, f"bench-{begun}", number, chance)
        took.append(time.perf_counter() - start)
    chronology.close()
    return 1 / statistics.median(took)
