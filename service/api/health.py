"""Whether the service lives, is ready, and how it fares: `/healthz`, `/readyz`, `/metrics`."""

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.process_collector import ProcessCollector

from events.field_types import JsonObject
from projections.follow.spot_check import doubt
from projections.store.snapshots import Snapshot
from service.chronicle.signing import trouble_of
from service.databases.primary_and_replica import Database
from service.web.access import chronology
from service.web.responses import answer

routes = Blueprint("health", __name__)


@routes.get("/healthz", endpoint="healthz")
def alive() -> Response:
    """The process answers."""
    return answer({"status": "alive"})


@routes.get("/readyz", endpoint="readyz")
def ready() -> Response:
    """Whether questions can be answered and the follower has no trouble; with replicas, how far each database is.

    `left_out` names the replicas that are not asked, as their log is not the primary's.
    `erasure` says what is still to do of a redaction, which keeps nobody from asking.
    """
    databases = chronology().databases
    with databases.reader.store.reading() as snapshot:
        trouble = _trouble() or doubt(snapshot) or trouble_of(chronology(), snapshot)
        reached = _position(snapshot)
    status = "in trouble" if trouble else "ready"
    body: JsonObject = {"status": status, **reached, "trouble": trouble, "erasure": _erasure()}
    if databases.has_replica:
        primary = databases.freshest
        body["primary"] = None if primary is databases.reader else _reached(primary)
        body["left_out"] = databases.replicas.names_left_out
        if body["primary"] is None and not trouble:
            body["status"] = "reading only"
    return answer(body, 503 if trouble else 200)


def _reached(database: Database) -> dict[str, int]:
    """How far the views are, and how far the log."""
    with database.store.reading() as snapshot:
        return _position(snapshot)


def _position(snapshot: Snapshot) -> dict[str, int]:
    return {"position": snapshot.position, "head": snapshot.head}


def _trouble() -> str | None:
    """What keeps the follower inside this process from going on."""
    written = chronology().databases.written
    return written.follower.trouble if written.is_open else None


def _erasure() -> str | None:
    """What is still to be removed from the disk of the primary, as far as it answers."""
    databases = chronology().databases
    primary = databases.freshest
    return primary.follower.scrubber.left() if primary is databases.written and primary.is_open else None


@routes.get("/metrics", endpoint="metrics")
def metrics() -> Response:
    """Prometheus metrics: how far log and views are (of the primary unless it is away, of a replica); the process."""
    registry = CollectorRegistry()

    def gauge(name: str, about: str, value: int) -> None:
        Gauge(f"chronology_{name}", about, registry=registry).set(value)

    databases = chronology().databases
    primary = databases.freshest
    is_away = databases.has_replica and primary is databases.reader
    if not is_away:
        reached = _reached(primary)
        gauge("log_head", "Position of the last event", reached["head"])
        gauge("views_position", "Position that the views have reached", reached["position"])
        given_up = sum(each.given_up is not None for each in primary.hooks.all())
        gauge("hooks_given_up", "Web hooks that were given up", given_up)
    if databases.has_replica:
        reached = _reached(databases.reader)
        left_out = len(databases.replicas.left_out)
        gauge("replicas_left_out", "Replicas that are not asked, as their log is not the primary's", left_out)
        gauge("primary_up", "1 while the primary answers", int(not is_away))
        gauge("replica_log_head", "Position of a replica's last event", reached["head"])
        gauge("replica_views_position", "Position that a replica's views have reached", reached["position"])
    gauge("follower_trouble", "1 while the follower cannot go on", int(bool(_trouble())))
    gauge("erasure_left", "1 while words that were redacted may still be on the disk", int(bool(_erasure())))
    ProcessCollector(registry=registry)
    return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")
