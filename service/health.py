"""Whether the service lives, is ready, and how it fares: `/healthz`, `/readyz`, `/metrics`."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector

from service.access import desk
from service.answers import answer
from service.desk import Desk

routes = Blueprint("health", __name__)


@routes.get("/healthz", endpoint="healthz")
def alive() -> Response:
    """The process answers."""
    return answer({"status": "alive"})


@routes.get("/readyz", endpoint="readyz")
def ready() -> Response:
    """The database answers and the follower has no trouble."""
    head = desk().record.head()
    with desk().store.reading() as snapshot:
        position = snapshot.position
    trouble = desk().follower.trouble
    body = {"status": "in trouble" if trouble else "ready", "position": position, "head": head, "trouble": trouble}
    return answer(body, 503 if trouble else 200)


@routes.get("/metrics", endpoint="metrics")
def metrics() -> Response:
    """Prometheus metrics: the log's head, how far the views are, and the process."""
    registry = CollectorRegistry()
    registry.register(_Positions(desk()))
    ProcessCollector(registry=registry)
    return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


class _Positions:
    """The positions of log and views, read when asked."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def collect(self) -> Iterator[Any]:
        """The two gauges, and whether the follower is in trouble."""
        with self._desk.store.reading() as snapshot:
            position = snapshot.position
        yield GaugeMetricFamily("chronology_log_head", "Position of the last event", value=self._desk.record.head())
        yield GaugeMetricFamily("chronology_views_position", "Position that the views have reached", value=position)
        trouble = 1 if self._desk.follower.trouble else 0
        yield GaugeMetricFamily("chronology_follower_trouble", "1 while the follower cannot go on", value=trouble)
