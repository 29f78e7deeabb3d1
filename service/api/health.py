"""Whether the service lives, is ready, and how it fares: `/healthz`, `/readyz`, `/metrics`."""

from typing import Any

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.process_collector import ProcessCollector

from service.databases.primary_and_replica import Side
from service.web.access import chronology
from service.web.responses import answer

routes = Blueprint("health", __name__)


@routes.get("/healthz", endpoint="healthz")
def alive() -> Response:
    """The process answers."""
    return answer({"status": "alive"})


@routes.get("/readyz", endpoint="readyz")
def ready() -> Response:
    """The side that answers questions is there and the follower has no trouble; with replicas, how far each side is."""
    sides = chronology().sides
    trouble = _trouble()
    status = "in trouble" if trouble else "ready"
    body: dict[str, Any] = {"status": status, **_reached(sides.reader), "trouble": trouble}
    if sides.are_two:
        primary = sides.freshest
        body["primary"] = None if primary is sides.reader else _reached(primary)
        if body["primary"] is None and not trouble:
            body["status"] = "reading only"
    return answer(body, 503 if trouble else 200)


def _reached(side: Side) -> dict[str, int]:
    """How far the views are, and how far the log."""
    with side.store.reading() as snapshot:
        return {"position": snapshot.position, "head": snapshot.head}


def _trouble() -> str | None:
    """What keeps the follower inside this process from going on."""
    written = chronology().sides.written
    return written.follower.trouble if written.is_open else None


@routes.get("/metrics", endpoint="metrics")
def metrics() -> Response:
    """Prometheus metrics: how far log and views are (of the primary unless it is away, of a replica); the process."""
    registry = CollectorRegistry()

    def gauge(name: str, about: str, value: int) -> None:
        Gauge(f"chronology_{name}", about, registry=registry).set(value)

    sides = chronology().sides
    primary = sides.freshest
    is_away = sides.are_two and primary is sides.reader
    if not is_away:
        reached = _reached(primary)
        gauge("log_head", "Position of the last event", reached["head"])
        gauge("views_position", "Position that the views have reached", reached["position"])
    if sides.are_two:
        reached = _reached(sides.reader)
        gauge("primary_up", "1 while the primary answers", int(not is_away))
        gauge("replica_log_head", "Position of a replica's last event", reached["head"])
        gauge("replica_views_position", "Position that a replica's views have reached", reached["position"])
    gauge("follower_trouble", "1 while the follower cannot go on", int(bool(_trouble())))
    ProcessCollector(registry=registry)
    return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")
