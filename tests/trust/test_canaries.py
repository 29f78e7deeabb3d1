"""No secret comes out where it must not: canaries are planted in each and every place is searched."""

import os
from pathlib import Path

from tests.hostile.canaries import search

AWAY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"


def test_no_secret_comes_out_in_a_log_an_error_a_metric_an_answer_or_an_export(tmp_path: Path) -> None:
    searched = search(tmp_path, away=AWAY)

    assert searched.found() == []
    assert {"log", "refusal", "broken record", "no tables", "/metrics", "/readyz"} <= {
        place.removeprefix("words of ") for place, _ in searched.places
    }
    assert any("500" in content[:3] for _, content in searched.places)
    assert any("503" in content[:3] for _, content in searched.places) == AWAY
    assert len(searched.places) > 50
