"""The sample chronicle on a desk of its own, for tests that read it and change nothing."""

from pathlib import Path

from projections.clocks import Asked
from projections.lists import page_of_states
from service.chronicle_file import Reading, load
from service.config import Settings
from service.desk import Desk
from tests.stories import Ticking

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
    return [state["id"] for state in found if state["kind"] != "actor"]
