"""The index of words after a redaction: rows as made anew, and no folded word on the disk or in statistics."""

from typing import Any

import pytest
from sqlalchemy import text

from events.kinds.any_subject import StatementMade
from projections.clocks import Asked
from projections.follow.comparison import compare
from service.databases.chronology import Chronology
from tests.conftest import api_of
from tests.fixtures.planted import disk_of
from tests.fixtures.stories import Chronicle
from tests.truth.test_search import ids


def rows(chronology: Chronology) -> list[Any]:
    chronology.follower.catch_up()
    with chronology.ask(Asked()) as (snapshot, _):
        return sorted(map(tuple, snapshot.probe("SELECT id, name, version, start, words FROM {passages}")))


def test_rows_followed_step_by_step_are_those_made_anew_before_and_after_a_redaction(
    chronology: Chronology, chronicle: Chronicle
) -> None:
    api = api_of(chronology, "admin")
    citation = chronicle.report(text="Zebra says so. " * 300)
    chronicle.given(StatementMade, "it", "said", subject_kind="process", by="him", gist="walrus", citations=[citation])
    chronicle.amend("said", "corrections", changes={"gist": "ostrich"})
    for redacted in (None, "sources/report-1", "facts/said"):
        if redacted:
            api.post(f"/{redacted}/redactions", {"reason": "asked"})
        followed = rows(chronology)
        assert compare(chronology.record, chronology.store)[1] == []
        chronology.follower.rebuild()
        assert rows(chronology) == followed
        assert ids(chronology, "him")[1] == ["said"]
        assert bool(ids(chronology, "zebra")[2]) is (redacted is None)
    assert ids(chronology, "ostrich")[1] == ids(chronology, "walrus")[1] == []


def test_folded_words_are_gone_from_the_disk_once_a_redaction_says_201(
    chronology: Chronology, chronicle: Chronicle
) -> None:
    api = api_of(chronology, "admin")
    words = ["kwalruszuba", "mostrichzubb", "ÖkapiZubc"]
    citation = chronicle.report(text=f"{words[0]} says so.")
    chronicle.given(StatementMade, "it", "said", subject_kind="process", by="him", gist=words[1], citations=[citation])
    for n in range(200):
        chronicle.given(StatementMade, "it", by="him", gist=f"filling {n}")
    chronicle.amend("said", "corrections", changes={"gist": words[2]})
    assert [bool(ids(chronology, each)[1] + ids(chronology, each)[2]) for each in words] == [True, False, True]
    assert on_disk(chronology) == {b"walruszuba", b"ostrichzubb", b"kapizubc"}

    for each in ("sources/report-1", "facts/said"):
        assert api.post(f"/{each}/redactions", {"reason": "asked"}).status_code == 201

    assert on_disk(chronology) == set()


def on_disk(chronology: Chronology) -> set[bytes]:
    held = [content for _, content in disk_of(chronology)]
    return {word for word in (b"walruszuba", b"ostrichzubb", b"kapizubc") if any(word in each for each in held)}


def test_words_stay_out_of_statistics(chronology: Chronology, chronicle: Chronicle) -> None:
    if chronology.settings.is_sqlite:
        pytest.skip("SQLite keeps no words in statistics")
    chronicle.given(StatementMade, "it", "said", subject_kind="process", by="him", gist="walrus")
    chronology.follower.catch_up()
    with chronology.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
        kept = connection.execute(text("SELECT count(*) FROM pg_stats WHERE tablename LIKE '%passages_words'"))
        assert kept.scalar_one() == 0
