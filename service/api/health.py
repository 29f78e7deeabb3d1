"""Whether the service lives, is ready, and how it fares: `/healthz`, `/readyz`, `/metrics`."""

from collections.abc import Iterator
from typing import Any, NotRequired, TypedDict

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector

from service.databases.chronology import Chronology
from service.databases.primary_and_replica import Database
from service.web.access import chronology
from service.web.responses import answer

routes = Blueprint("health", __name__)


class Reached(TypedDict):
    """How far the views are, and how far the log."""

    position: int
    head: int


class Readiness(Reached):
    """Whether questions are answered, and what troubles the follower; `primary` where a replica is read."""

    status: str
    trouble: str | None
    primary: NotRequired[Reached | None]


@routes.get("/healthz", endpoint="healthz")
def alive() -> Response:
    """The process answers."""
    return answer({"status": "alive"})


@routes.get("/readyz", endpoint="readyz")
def ready() -> Response:
    """The database that answers questions is there and the follower has no trouble; with replicas, how far each is."""
    databases = chronology().databases
    position, head = _positions(databases.reader)
    trouble = _trouble(chronology())
    body: Readiness = {
        "status": "in trouble" if trouble else "ready",
        "position": position,
        "head": head,
        "trouble": trouble,
    }
    if databases.has_replica:
        primary = databases.freshest
        known = None if primary is databases.reader else _reached(primary)
        body["primary"] = known
        if known is None and not trouble:
            body["status"] = "reading only"
    return answer(body, 503 if trouble else 200)


def _reached(database: Database) -> Reached:
    position, head = _positions(database)
    return {"position": position, "head": head}


def _positions(database: Database) -> tuple[int, int]:
    """How far the views are, and how far the log."""
    with database.store.reading() as snapshot:
        return snapshot.position, snapshot.head


def _trouble(chronology: Chronology) -> str | None:
    """What keeps the follower inside this process from going on."""
    return chronology.databases.written.follower.trouble if chronology.databases.written.is_open else None


@routes.get("/metrics", endpoint="metrics")
def metrics() -> Response:
    """Prometheus metrics: the log's head, how far the views are, and the process."""
    registry = CollectorRegistry()
    registry.register(_Positions(chronology()))
    ProcessCollector(registry=registry)
    return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


class _Positions:
    """The positions of log and views, read when asked."""

    def __init__(self, chronology: Chronology) -> None:
        self._desk = chronology

    def collect(self) -> Iterator[Any]:
        """The two gauges of the primary, whether the follower is in trouble, and the same of the replica that is read.

        While the primary is away, its two are left out.
        """
        databases = self._desk.databases
        primary = databases.freshest
        if not databases.has_replica or primary is not databases.reader:
            position, head = _positions(primary)
            yield GaugeMetricFamily("chronology_log_head", "Position of the last event", value=head)
            yield GaugeMetricFamily("chronology_views_position", "Position that the views have reached", value=position)
        if databases.has_replica:
            position, head = _positions(databases.reader)
            up = int(primary is not databases.reader)
            yield GaugeMetricFamily("chronology_primary_up", "1 while the primary answers", value=up)
            yield GaugeMetricFamily("chronology_replica_log_head", "Position of a replica's last event", value=head)
            reached = "Position that a replica's views have reached"
            yield GaugeMetricFamily("chronology_replica_views_position", reached, value=position)
        trouble = 1 if _trouble(self._desk) else 0
        yield GaugeMetricFamily("chronology_follower_trouble", "1 while the follower cannot go on", value=trouble)
