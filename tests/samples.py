"""The sample chronicle on a desk of its own, for tests that read it and change nothing."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from projections.clocks import Asked
from projections.lists import page_of_states
from service.chronicle_file import Reading, load
from service.config import Settings
from service.desk import Desk
from tests.stories import Ticking

READINGS = 200
SAMPLE = Path(__file__).parents[1] / "samples" / "istanbul-2025" / "istanbul-2025.chronicle.yaml"


def sample_desk(folder: Path) -> Desk:
    """A desk on an embedded database in the folder that holds the sample."""
    desk = Desk(Settings(database=f"sqlite:///{folder}/sample.db"), now=Ticking(), follows=True)
    desk.write("desk", Reading(load(SAMPLE)).record)
    return desk


def matters(desk: Desk) -> list[str]:
    """The ids of all subjects that are no actors."""
    with desk.ask(Asked()) as (snapshot, clocks):
        found, _ = page_of_states(snapshot, clocks, {}, "", 1000)
    return [state.id for state in found if state.kind != "actor"]


def readings(desk: Desk) -> Iterator[tuple[str, dict[str, Any]]]:
    """200 questions to the sample: a matter, and readings of the clocks at which to ask; the same at every run."""
    chance = random.Random(20250516)
    subjects, head = matters(desk), desk.record.head()
    for _ in range(READINGS):
        clocks: dict[str, Any] = {"zone": chance.choice(("UTC", "Europe/Kyiv", "Asia/Kathmandu"))}
        for name in ("at", "reported_until"):
            if chance.random() < 0.7:
                clocks[name] = f"2025-{chance.randrange(5, 8):02}-{chance.randrange(1, 29):02}"
        if chance.random() < 0.5:
            clocks["position"] = chance.randrange(40, head + 1)
        yield chance.choice(subjects), clocks
