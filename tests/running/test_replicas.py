"""More than one machine: replicas that are read from, a primary that goes, followers that take over, a pooler between."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
import yaml

from events.commands.record_sources import register_source
from events.errors import Invalid, NotYet
from events.log.postgres import asked_for, connect
from projections.clocks import Asked
from projections.follow.follower import Follower
from projections.follow.leader_lock import Lead
from service.app import create_app
from service.databases.chronology import Chronology
from service.databases.errors import AWAY, STORAGE_ERRORS, trouble_of
from service.settings import SettingError, Settings, settings_from
from tests.conftest import Api, on
from tests.fixtures.databases import NAMED
from tests.fixtures.recording import record_facts
from tests.survival.failover import fail_over
from tests.survival.replicas import Cluster, NotHere, cluster

NOT_NAMED = pytest.mark.skipif(NAMED.startswith("postgres"), reason="a PostgreSQL that was named is not killed")
SOURCE = {"id": "paper", "title": "Paper", "publisher": "Gazette", "published": "2024-01-02", "text": "Done."}


@pytest.fixture(scope="module")
def servers() -> Iterator[Cluster]:
    try:
        with cluster() as started:
            yield started
    except NotHere as reason:
        pytest.skip(f"these programs of PostgreSQL cannot replicate: {reason}")


@contextmanager
def reading_apart(servers: Cluster, folder: Path, **settings: Any) -> Iterator[Chronology]:
    """A desk that writes to the primary and reads from the first replica; a follower runs beside it."""
    given = {"database": servers.address(), "read_database": servers.address(servers.replicas[0])} | settings
    chronology = Chronology(Settings(signing_key=str(folder / "signing-key"), **given))
    stop = Event()
    beside = Chronology(Settings(database=servers.address()))
    following = Thread(target=beside.follower.run, args=(stop, Event(), 0.02))
    following.start()
    try:
        yield chronology
    finally:
        stop.set()
        following.join()
        for each in (chronology, beside):
            each.close()


def record(chronology: Chronology, name: str) -> int:
    """Record one fact; answers with its position."""
    body = {
        "id": name,
        "kind": "SwapAgreed",
        "subject": "swap",
        "occurred": "2024-01-01",
        "citations": [{"source": "paper", "exact": "Done."}],
    }
    chronology.write("clerk", lambda call: register_source(call, SOURCE))
    return chronology.write("clerk", lambda call: record_facts(call, [body], [""]))[0].position


def api_with(chronology: Chronology, token: str) -> Api:
    return Api(create_app(chronology).test_client(), token)


@contextmanager
def standing_still(servers: Cluster) -> Iterator[None]:
    """The replica that is read from applies nothing, as one that lags."""
    replica = servers.servers[servers.replicas[0]]
    replica.say("SELECT pg_wal_replay_pause()")
    while not replica.ask("SELECT (pg_get_wal_replay_pause_state() = 'paused')::int"):
        time.sleep(0.01)
    try:
        yield
    finally:
        replica.say("SELECT pg_wal_replay_resume()")


@NOT_NAMED
def test_who_has_just_written_reads_it_from_the_replica_by_its_position(servers: Cluster, tmp_path: Path) -> None:
    with reading_apart(servers, tmp_path) as chronology:
        position = record(chronology, "written")
        with chronology.ask(Asked(position=position)) as (snapshot, clocks):
            assert snapshot.position >= clocks.position == position
            assert snapshot.connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar() is True


@NOT_NAMED
def test_a_replica_that_lags_is_read_as_it_is_and_a_position_it_lacks_is_not_yet(
    servers: Cluster, tmp_path: Path
) -> None:
    with reading_apart(servers, tmp_path, wait_seconds=0.3) as chronology:
        first = record(chronology, "before")
        while not told(chronology, first):
            time.sleep(0.02)
        with standing_still(servers):
            later = record(chronology, "meanwhile")
            with chronology.ask(Asked()) as (_, clocks):
                assert clocks.position < later
            with pytest.raises(NotYet, match=f"not yet {later}"), chronology.ask(Asked(position=later)):
                pass
            with pytest.raises(Invalid, match="lies beyond the log"), chronology.ask(Asked(position=later + 1_000)):
                pass
            chronology.follower.catch_up()
            with chronology.ask(Asked(position=later), fresh=True) as (snapshot, _):
                assert snapshot.position >= later
        while not told(chronology, later):
            time.sleep(0.02)


def told(chronology: Chronology, position: int) -> bool:
    """Whether the answer without a position has got so far."""
    with chronology.ask(Asked()) as (_, clocks):
        return clocks.position >= position


@NOT_NAMED
def test_of_a_replicas_log_no_more_is_told_than_its_views_have_followed(servers: Cluster, tmp_path: Path) -> None:
    chronology = Chronology(Settings(database=servers.address(), read_database=servers.address(servers.replicas[0])))
    chronology.follower.catch_up()
    followed = chronology.record.head()
    position = record(chronology, "unfollowed")
    while chronology.log.head() < position:
        time.sleep(0.01)

    assert chronology.log.after(followed, 10) != []
    assert chronology.logged(followed, 10) == []
    chronology.follower.catch_up()
    with chronology.ask(Asked(position=position)):
        assert chronology.logged(followed, 10)[-1].position == position
    chronology.close()


@NOT_NAMED
def test_a_token_issued_a_moment_ago_is_taken_though_the_replica_lacks_it(servers: Cluster, tmp_path: Path) -> None:
    with reading_apart(servers, tmp_path) as chronology:
        record(chronology, "for-the-token")
        with standing_still(servers):
            _, token = chronology.keyring.issue("new", "reader", "test")
            assert api_with(chronology, token).get("/subjects").status_code == 200
            assert api_with(chronology, f"chr_{'0' * 12}_{'x' * 43}").get("/subjects").status_code == 401


@NOT_NAMED
def test_readiness_and_metrics_tell_how_far_the_replica_is_and_how_far_the_primary(
    servers: Cluster, tmp_path: Path
) -> None:
    with reading_apart(servers, tmp_path) as chronology:
        position = record(chronology, "for-the-gauges")
        with chronology.ask(Asked(position=position)):
            pass
        client = create_app(chronology).test_client()
        ready = client.get("/readyz").get_json()
        gauges = client.get("/metrics").get_data(as_text=True)

    assert ready == {
        "status": "ready",
        "position": position,
        "head": position,
        "trouble": None,
        "erasure": None,
        "primary": {"position": position, "head": position},
        "left_out": [],
    }
    assert "chronology_primary_up 1.0" in gauges
    assert f"chronology_replica_views_position {float(position)}" in gauges
    assert f"chronology_log_head {float(position)}" in gauges


@NOT_NAMED
def test_while_the_primary_is_away_questions_are_answered_and_writing_is_told_so(
    servers: Cluster, tmp_path: Path
) -> None:
    alone = {"database": servers.address(servers.primary)}
    with reading_apart(servers, tmp_path, **alone) as chronology:
        position = record(chronology, "acknowledged")
        _, token = chronology.keyring.issue("known", "editor", "test")
        with chronology.ask(Asked(position=position)):
            pass
        api = api_with(chronology, token)
        servers.servers[servers.primary].stop()
        try:
            written = api.post("/sources", SOURCE | {"id": "refused"})
            read = [api.get("/subjects/swap"), api.get("/subjects/swap", position=position), api.get("/events")]
            started = Chronology(chronology.settings)  # as a web process that has to start now
            late = api_with(started, token).get("/subjects/swap")
            ready = api.client.get("/readyz")
            started.close()
        finally:
            servers.servers[servers.primary].start()
        servers.wait_for_replicas()

        assert (written.status_code, written.get_json()["type"]) == (503, "urn:chronology:problem:database-away")
        assert [each.status_code for each in (*read, late)] == [200] * 4
        assert (ready.status_code, ready.get_json()["status"]) == (200, "reading only")
        assert ready.get_json()["primary"] is None
        assert api.post("/sources", SOURCE | {"id": "taken"}).status_code == 201


@NOT_NAMED
def test_where_a_replica_dies_the_next_one_is_asked_and_at_last_the_primary(servers: Cluster, tmp_path: Path) -> None:
    both = " ".join(servers.address(name) for name in servers.replicas)
    with reading_apart(servers, tmp_path, read_database=both) as chronology:
        position = record(chronology, "for-the-next-one")
        with chronology.ask(Asked(position=position)):
            pass
        _, token = chronology.keyring.issue("steady", "reader", "test")
        api = api_with(chronology, token)
        statuses = [api.get("/subjects/swap").status_code]
        servers.servers[servers.primary].say("ALTER SYSTEM SET synchronous_standby_names = ''")
        try:
            for name in servers.replicas:
                servers.servers[name].kill()
                statuses += [api.get("/subjects/swap").status_code, api.get("/events").status_code]
            position = chronology.databases.primary.record.head()
            statuses.append(api.get("/subjects/swap", position=position).status_code)
        finally:
            for name in servers.replicas:
                servers.servers[name].start()
            servers.wait_for_replicas()
            servers.servers[servers.primary].say(
                f"ALTER SYSTEM SET synchronous_standby_names = '{servers.synchronous}'"
            )
            servers.servers[servers.primary].say("SELECT pg_reload_conf()")

    assert statuses == [200] * 6


@NOT_NAMED
def test_a_commit_that_stops_waiting_for_its_replicas_is_not_acknowledged(servers: Cluster) -> None:
    primary = servers.servers[servers.primary]
    chronology = Chronology(Settings(database=primary.address))
    record(chronology, "replicated")
    refused: list[Exception] = []

    def write() -> None:
        while not refused:
            try:
                record(chronology, "waiting")
            except STORAGE_ERRORS as error:
                refused.append(error)

    primary.say("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (nobody)'")
    primary.say("SELECT pg_reload_conf()")
    writer = Thread(target=write)
    writer.start()
    try:
        while writer.is_alive():
            primary.say("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            time.sleep(0.02)
    finally:
        primary.say(f"ALTER SYSTEM SET synchronous_standby_names = '{servers.synchronous}'")
        primary.say("SELECT pg_reload_conf()")
        writer.join()
    assert trouble_of(refused[0]) is AWAY
    assert (
        record(chronology, "waiting") == chronology.record.head()
    )  # sent again, it is acknowledged: it was recorded once
    chronology.close()


@NOT_NAMED
def test_a_primary_killed_under_load_loses_nothing_acknowledged_and_no_reader_is_refused_twice(
    servers: Cluster, tmp_path: Path
) -> None:
    outcome = fail_over(servers, tmp_path, 1, clients=2, workers=1, primaries_only=True)

    assert outcome.calls > 0
    assert outcome.reads > 0
    assert not outcome.failed, "\n".join(outcome.lines())


def test_one_follower_leads_and_another_takes_over_when_its_session_ends(tmp_path: Path) -> None:
    database = on("postgres", tmp_path)
    one, other = Lead(database), Lead(database)

    assert (one.is_held(), other.is_held()) == (True, False)
    with connect(database, autocommit=True) as session:
        ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = %s"
        session.execute(
            ended + " AND pid IN (SELECT pid FROM pg_locks WHERE granted AND locktype = 'advisory')",
            ("chronology follower",),
        )
    while not other.is_held():
        time.sleep(0.01)
    time.sleep(1.1)  # so long the lead is believed to be held before it is looked at
    with pytest.raises(psycopg.Error):
        one.is_held()
    assert (one.is_held(), other.is_held()) == (False, True)
    for each in (one, other):
        each.leave()


def test_who_asks_leaves_the_views_to_the_follower_that_leads(tmp_path: Path) -> None:
    database = on("postgres", tmp_path)
    chronology = Chronology(Settings(database=database))
    record(chronology, "one")
    lead = Lead(database)
    assert lead.is_held()

    assert chronology.follower.lend_a_hand() == 0
    lead.leave()
    while not (applied := chronology.follower.lend_a_hand()):
        time.sleep(0.01)
    assert applied == 2
    chronology.close()


def test_followers_that_stand_by_apply_nothing_and_all_is_applied_once(tmp_path: Path) -> None:
    database = on("postgres", tmp_path)
    chronologies = [Chronology(Settings(database=database)) for _ in range(2)]
    leads, stop = [Lead(database) for _ in chronologies], Event()
    assert leads[0].is_held()
    steps: list[int] = []

    class Noted(Follower):
        """Notes who steps."""

        def step(self, limit: int | None = None) -> int:
            steps.append(followers.index(self))
            return super().step(limit)

    followers = [Noted(chronology.record, chronology.store) for chronology in chronologies]
    running = [
        Thread(target=follower.run, args=(stop, Event(), 0.01, lead))
        for follower, lead in zip(followers, leads, strict=True)
    ]
    for each in running:
        each.start()
    position = record(chronologies[0], "one")
    with chronologies[1].ask(Asked(position=position)) as (snapshot, _):
        assert snapshot.position == position
    assert set(steps) == {0}
    stop.set()
    for each in running:
        each.join()
    for chronology in chronologies:
        chronology.close()


def test_several_hosts_are_asked_for_one_that_may_be_written_or_rather_a_standby() -> None:
    settings = Settings(database="postgresql://u@one,two/c", read_database="postgresql://u@two,three/c", pooler="none")
    first, last = settings.read_addresses.split()

    assert settings.primary == "postgresql://u@one,two/c?target_session_attrs=read-write"
    assert first == "postgresql://u@two,three/c?target_session_attrs=prefer-standby"
    assert last == "postgresql://u@one,two/c?target_session_attrs=prefer-standby"
    assert Settings(database="postgresql://u@one/c").read_addresses == "postgresql://u@one/c"


def test_what_the_address_says_itself_is_kept() -> None:
    settings = Settings(
        database="postgresql://u@one,two/c?target_session_attrs=primary&sslmode=require", pooler="transaction"
    )

    assert asked_for(settings.primary, "target_session_attrs") == "primary"
    assert asked_for(settings.primary, "sslmode") == "require"
    assert asked_for(settings.primary, "pooler") == "transaction"


@pytest.mark.parametrize(
    "environment",
    [
        {"CHRONOLOGY_READ_DATABASE": "postgresql://replica/c"},
        {"CHRONOLOGY_DATABASE": "postgresql://p/c", "CHRONOLOGY_READ_DATABASE": "sqlite:///copy.db"},
        {"CHRONOLOGY_DATABASE": "postgresql://p/c", "CHRONOLOGY_POOLER": "statement"},
        {"CHRONOLOGY_DATABASE": "postgresql://p/c?colour=blue"},
    ],
    ids=["replica of sqlite", "sqlite as replica", "no such pooling", "no such parameter"],
)
def test_settings_that_do_not_go_together_are_refused(environment: dict[str, str]) -> None:
    with pytest.raises(SettingError):
        settings_from(environment)


def test_the_first_address_that_lets_one_in_is_taken(tmp_path: Path) -> None:
    database = on("postgres", tmp_path)
    with connect(f"postgresql://nobody@/nowhere?host={tmp_path} {database}") as session:
        assert session.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError):
        connect(f"postgresql://nobody@/nowhere?host={tmp_path}")


def test_the_compose_file_sets_nothing_that_is_no_setting_and_reads_from_its_replica() -> None:
    file = (Path(__file__).parents[2] / "docker-compose.yml").read_text()
    services = yaml.safe_load(re.sub(r"\$\{\w+:-(\w+)\}", r"\1", file))["services"]
    web, follower = (settings_from(services[name]["environment"]) for name in ("web", "follower"))

    assert ("@replica,database/" in web.read_database, "@database,replica/" in web.read_addresses.split()[-1]) == (
        True,
        True,
    )
    assert (follower.read_database, follower.database) == ("", web.database)
    assert {services[name]["image"] for name in ("database", "replica")} == {"postgres:17"}
    assert web.proxies == 1  # a proxy on this machine, which alone reaches it
    assert [port.split(":")[0] for port in services["web"]["ports"]] == ["127.0.0.1"]
