"""The newest steps are the last of the whole replay, at whatever clocks."""

from pathlib import Path

from projections.clocks import Asked
from projections.queries.history.latest_steps import latest_steps
from projections.queries.history.replay import replay
from tests.fixtures.samples import sample_desk

READINGS = [
    {},
    {"at": "2025-06-10"},
    {"reported_until": "2025-05-21"},
    {"at": "2025-06-01", "reported_until": "2025-06-02"},
    {"reported_until": "2025-07-25", "position": 150},
    {"reading": "ukraine"},
]


def test_the_newest_steps_are_the_last_of_the_replay_newest_first(tmp_path: Path) -> None:
    chronology = sample_desk(tmp_path)
    for reading in READINGS:
        asked = Asked(**reading)  # type: ignore[arg-type]
        steps = [
            step for step in replay(chronology.ask, asked, "reported") if step["reported_until"] not in (None, "..")
        ]
        with chronology.ask(asked) as (snapshot, clocks):
            found = latest_steps(snapshot, clocks, 6, lambda _, __: True)

        assert [(each["reported_until"], each["subject"]) for each in found] == [
            (each["reported_until"], each["subject"]) for each in steps[:-7:-1]
        ], reading
        assert found == steps[:-7:-1], reading
    chronology.close()
