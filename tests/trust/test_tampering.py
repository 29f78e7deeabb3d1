"""What is edited behind the service's back is seen: views in use, tokens, who recorded what; and what is signed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from events.errors import Conflict
from events.kinds.swap import SwapAgreed
from events.log.receipts import Recorder
from projections.follow.spot_check import doubt
from service.app import create_app
from service.chronicle.backup import back_up, restore
from service.chronicle.checkpoints import read_checkpoint
from service.chronicle.signing import Rewritten, checkpoint_of
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import Api, api_of
from tests.fixtures.databases import held_by, hold
from tests.fixtures.stories import Chronicle, Ticking
from tests.hostile.tampering import Edits, Grudge, told_with_tokens

_TOLD: dict[bool, tuple[dict[str, bytes], int]] = {}


@pytest.fixture
def chronology(request: Any, database: str, tmp_path: Path) -> Iterator[Chronology]:
    """One that was told nothing; for a grudge, one that was told a hundred events, which is done once on each database."""
    settings = Settings(database=database, signing_key=str(tmp_path / "key"), wait_seconds=2)
    clock = Ticking()
    if "grudge" in request.fixturenames:
        if (sort := settings.is_sqlite) not in _TOLD:
            told_with_tokens(telling := Chronology(settings, now=clock, follows=True))
            telling.close()
            _TOLD[sort] = held_by(database), clock.at
        held, clock.at = _TOLD[sort]
        hold(database, held)
    chronology = Chronology(settings, now=clock, follows=True)
    yield chronology
    chronology.close()


@pytest.fixture
def grudge(chronology: Chronology) -> Grudge:
    return Grudge(chronology)


def test_random_edits_in_every_table_are_all_seen_and_none_where_nothing_was_edited(grudge: Grudge) -> None:
    edits = Edits(grudge.chronology, seed=7)
    edits.run(60)

    assert edits.missed == []
    assert edits.false_alarms == []


@pytest.mark.parametrize(
    ("view", "edit"),
    [
        ("entries", "UPDATE {} SET recorded = recorded + 1 WHERE position = 3"),
        ("current", "UPDATE {} SET status = 'collapsed' WHERE id = 'swap-5'"),
        ("texts", "UPDATE {} SET text = 'They said nothing.' WHERE source = 'report-2'"),
        ("entries", "DELETE FROM {} WHERE position = 9"),
        ("planes", "DELETE FROM {} WHERE subject = 'swap-5'"),
        ("subjects", "INSERT INTO {} (id, opened) VALUES ('', 1)"),
        ("about", "INSERT INTO {} SELECT 'swap-7', position, fact FROM {} WHERE subject = 'swap-5'"),
    ],
)
def test_an_edited_view_in_use_is_named_with_the_row(grudge: Grudge, view: str, edit: str) -> None:
    grudge.sql(edit.replace("{}", grudge.view(view)))

    flaws = grudge.flaws()
    assert any(flaw.startswith(f"the view {view!r} does not follow from the log at ") for flaw in flaws)
    assert len(flaws) == 1 or view == "texts"  # whose quotes do not stand then


def test_a_bookmark_beyond_the_log_is_named_at_once(grudge: Grudge, chronology: Chronology) -> None:
    client = create_app(chronology).test_client()
    assert client.get("/readyz").status_code == 200
    grudge.sql("UPDATE chronology_views SET position = position + 20 WHERE active")

    answer = client.get("/readyz")
    assert (answer.status_code, "further than the log goes" in answer.get_json()["trouble"]) == (503, True)
    assert "but the log ends at" in grudge.flaws()[0]


def swept(chronology: Chronology) -> str | None:
    """What is known against the views after the sweep has gone through all of them."""
    while not chronology.follower.spot_check.look():
        pass
    with chronology.store.reading() as snapshot:
        return doubt(snapshot)


@pytest.mark.parametrize(
    ("view", "edit"),
    [
        ("entries", "UPDATE {} SET name = 'SwapCompleted' WHERE name = 'SwapAgreed'"),
        ("texts", "UPDATE {} SET text = 'They said nothing.' WHERE source = 'report-2'"),
        ("current", "UPDATE {} SET status = 'collapsed' WHERE id = 'swap-5'"),
        ("planes", "UPDATE {} SET hi = hi - 1 WHERE subject = 'swap-5'"),
        ("fact_places", "DELETE FROM {} WHERE subject = 'swap-5'"),
        ("mentions", "DELETE FROM {}"),
    ],
)
def test_a_slow_sweep_finds_edited_views_and_every_process_says_so_until_they_are_rebuilt(
    grudge: Grudge, chronology: Chronology, view: str, edit: str
) -> None:
    other = Chronology(chronology.settings, now=chronology.now)
    client = create_app(other).test_client()
    if view == "mentions":
        told_again(chronology)
    assert swept(chronology) is None
    grudge.sql(edit.replace("{}", grudge.view(view)))

    assert "run `chronology verify`" in str(swept(chronology))
    answer = client.get("/readyz")
    assert (answer.status_code, "do not follow from the log" in answer.get_json()["trouble"]) == (503, True)
    chronology.follower.rebuild()
    assert client.get("/readyz").status_code == 200
    assert swept(chronology) is None
    other.close()


def told_again(chronology: Chronology) -> None:
    """A fact that names a subject beside its own."""
    chronicle = Chronicle(chronology, "command line")
    chronicle._told = 300
    chronicle.given(SwapAgreed, "swap-1", parties=["cadland"])
    chronology.follower.catch_up()


def test_the_sweep_takes_a_small_share_of_a_processor(grudge: Grudge, chronology: Chronology, monkeypatch: Any) -> None:
    looks: list[int] = []
    monkeypatch.setattr(chronology.follower.spot_check, "look", lambda: looks.append(1))
    for _ in range(100):
        chronology.follower.spot_check.step()

    assert len(looks) == 1


@pytest.mark.parametrize(
    ("edit", "flaw"),
    [
        (
            "UPDATE keyring_events SET state = CAST(replace(state, 'reader', 'admin') AS BLOB) WHERE POSITION = 1",
            "Merkle root",
        ),
        ("DELETE FROM keyring_events WHERE topic = 'token:TokenRevoked'", "were stored"),
        (
            "UPDATE keyring_events SET state = CAST(replace(state, 'sha256', 'sha257') AS BLOB) WHERE POSITION = 2",
            "Merkle",
        ),
    ],
)
def test_an_edited_token_is_seen(grudge: Grudge, edit: str, flaw: str) -> None:
    if not grudge.chronology.settings.is_sqlite:
        edit = edit.replace("replace(state,", "replace(encode(state, 'escape'),").replace("AS BLOB", "AS BYTEA")
    grudge.sql(edit)

    assert any(flaw in each and "the log of tokens" in each for each in grudge.flaws())


def test_tokens_rewritten_with_fresh_hashes_are_seen_by_who_kept_a_checkpoint(grudge: Grudge) -> None:
    kept = read_checkpoint(checkpoint_of(grudge.chronology))
    state = grudge.chronology.keyring.stored_after(0, 1)[0].state
    grudge.put(1, "state", state.replace(b'"role":"reader"', b'"role":"admin"'), "keyring_events")
    grudge.rehash("keyring_events")

    assert grudge.flaws() == []
    assert "of the log of tokens are not those of the checkpoint" in grudge.flaws(kept)[0]


def test_an_event_carries_the_token_that_it_was_recorded_with(chronology: Chronology) -> None:
    api = api_of(chronology, "editor")
    api.posted("/sources", {"id": "paper", "title": "Paper", "publisher": "Gazette", "text": "They agreed."})
    fact = {"kind": "SwapAgreed", "subject": "swap", "citations": [{"source": "paper", "exact": "They agreed."}]}
    api.posted("/facts", {**fact, "id": "agreed", "occurred": "2024-01-01"})
    token = chronology.keyring.issued()[0]["id"]

    assert f'"recorded_with":"{token}"' in api.get("/events").text
    (audited,) = api.get("/audit/swap/status").get_json()["facts"]
    assert audited["stream"][0]["recorded_with"] == token
    assert Grudge(chronology).flaws() == []


@pytest.mark.parametrize(
    ("token", "flaw"),
    [
        (None, "by 'the editor' without a token"),
        ("0123456789ab", "which was never issued"),
        ("the reader", "with the token of 'the reader'"),
        ("Mallory", "with the token of 'Mallory'"),
    ],
)
def test_an_event_forged_in_somebodys_name_needs_their_token(grudge: Grudge, token: str | None, flaw: str) -> None:
    tokens = {each["name"]: each["id"] for each in grudge.chronology.keyring.issued()}
    forger = Chronicle(grudge.chronology, Recorder("the editor", tokens.get(token or "", token)))
    forger._told = 500
    forger.report()

    assert any(flaw in each for each in grudge.flaws())


def test_what_a_role_does_not_allow_or_a_token_that_is_over_is_seen_in_the_log(chronology: Chronology) -> None:
    issue = chronology.keyring.issue
    for name, role, days in (("a reader", "reader", None), ("a recorder", "recorder", None), ("gone", "editor", -1)):
        lasts = timedelta(days=days) if days else None
        chronicle = Chronicle(chronology, Recorder(name, issue(name, role, "test", lasts)[0]))
        chronicle._told = len(name) * 10
        chronicle.correct_source(chronicle.report()["source"], title="Another")

    flaws = Grudge(chronology).flaws()
    assert [each.partition(" is ")[2] for each in flaws[:3]] == [
        "recorded with a token of role reader, and needs recorder",
        "recorded with a token of role reader, and needs editor",
        "recorded with a token of role recorder, and needs editor",
    ]
    assert len(flaws) == 5
    assert all(each.endswith("before it was issued or after its end") for each in flaws[3:])


def test_a_key_put_back_after_a_redaction_is_seen(grudge: Grudge) -> None:
    chronology = grudge.chronology
    with chronology.store.engine.connect() as connection:
        keys = connection.exec_driver_sql("SELECT stream, key FROM chronology_keys").fetchall()
    chronology.erase("command line", "fact", "agreed-5", {"reason": "asked"})
    with chronology.store.engine.connect() as connection:
        left = {stream for stream, _ in connection.exec_driver_sql("SELECT stream, key FROM chronology_keys")}
    (stream, key) = next((stream, key) for stream, key in keys if stream not in left)
    assert grudge.flaws() == []
    grudge.sql("INSERT INTO chronology_keys VALUES (:stream, :key)", stream=stream, key=key)

    assert "has words that were redacted, and they open" in grudge.flaws()[0]


def test_a_log_that_was_rewritten_or_cut_after_it_was_signed_is_not_signed_again(grudge: Grudge) -> None:
    chronology = grudge.chronology
    api = api_of(chronology, "reader")
    assert api.get("/checkpoint").status_code == 200
    grudge.sql(f"DELETE FROM chronology_events WHERE POSITION > {chronology.record.head() - 3}")
    grudge.fresh_hashes()

    answer = api.get("/checkpoint")
    assert (answer.status_code, answer.get_json()["type"]) == (500, "urn:chronology:problem:rewritten")
    assert "its tail is cut" in answer.get_json()["detail"]
    assert "its tail is cut" in api.client.get("/readyz").get_json()["trouble"]
    told = Chronicle(chronology, "command line")
    told._told = 700
    for _ in range(6):
        told.report()
    chronology.follower.catch_up()
    assert "it was rewritten, or is another" in api.get("/checkpoint").get_json()["detail"]
    assert "it was rewritten, or is another" in api.get("/proofs/inclusion", position=1).get_json()["detail"]
    assert "it was rewritten, or is another" in api.client.get("/readyz").get_json()["trouble"]


def test_tokens_that_were_rewritten_or_cut_after_they_were_signed_are_not_signed_again(grudge: Grudge) -> None:
    checkpoint_of(grudge.chronology)
    grudge.sql("DELETE FROM keyring_events WHERE topic = 'token:TokenRevoked'")
    grudge.rehash("keyring_events")

    answer = create_app(grudge.chronology).test_client().get("/readyz")
    assert (answer.status_code, "the log of tokens has" in answer.get_json()["trouble"]) == (503, True)
    with pytest.raises(Rewritten, match="the log of tokens"):
        checkpoint_of(Chronology(grudge.chronology.settings, now=grudge.chronology.now))


def test_earlier_sizes_are_signed_after_later_ones_and_a_file_taken_away_lets_an_older_copy_be_signed(
    grudge: Grudge, tmp_path: Path
) -> None:
    api = api_of(grudge.chronology, "reader")
    for size in (20, 5, 30, 7, 30):
        answer = api.get("/checkpoint", size=size)
        assert (answer.status_code, read_checkpoint(answer.text).size) == (200, size), answer.text
    assert read_checkpoint((tmp_path / "key.last").read_text(encoding="utf-8")).size == 30
    grudge.sql("DELETE FROM chronology_events WHERE POSITION > 12")
    grudge.fresh_hashes()
    assert api.get("/checkpoint").status_code == 500

    (tmp_path / "key.last").unlink()
    assert read_checkpoint(api.get("/checkpoint").text).size == 12


def test_many_sign_at_once_while_others_write(chronology: Chronology, tmp_path: Path) -> None:
    told = Chronicle(chronology, "command line")
    told.report()
    others = [Chronology(chronology.settings, now=chronology.now) for _ in range(3)]

    def sign(signer: Chronology) -> list[int]:
        return [read_checkpoint(checkpoint_of(signer)).size for _ in range(10)]

    with ThreadPoolExecutor(6) as pool:
        signing = [pool.submit(sign, each) for each in [*others, *others]]
        while not all(each.done() for each in signing):
            told.report()
            chronology.follower.catch_up()
    sizes = [each.result() for each in signing]

    assert all(each == sorted(each) for each in sizes)
    assert read_checkpoint((tmp_path / "key.last").read_text(encoding="utf-8")).size == max(map(max, sizes))
    for each in others:
        each.close()


def test_a_backup_carries_the_log_of_tokens_and_what_was_signed_of_it(grudge: Grudge, tmp_path: Path) -> None:
    kept = read_checkpoint(checkpoint_of(grudge.chronology))
    back_up(grudge.chronology.settings.database, tmp_path / "all.backup")
    settings = Settings(database=f"sqlite:///{tmp_path}/restored.db", signing_key=str(tmp_path / "key"))
    restored = Chronology(settings, now=Ticking(grudge.chronology.now()), follows=True)
    restore(restored.store.engine, tmp_path / "all.backup")
    restored.follower.rebuild()

    assert Grudge(restored).flaws(kept) == []
    assert read_checkpoint(checkpoint_of(restored)) == kept
    restored.keyring.issue("somebody new", "reader", "command line")
    assert read_checkpoint(checkpoint_of(restored)).tokens.size == kept.tokens.size + 1
    restored.close()


def test_who_came_from_a_provider_keeps_their_name_and_takes_nobody_elses(chronology: Chronology) -> None:
    issue = chronology.keyring.issue
    issue("night desk", "editor", "test")
    issue("ada", "recorder", "https://id.example", timedelta(hours=-1), "7")
    issue("ada", "recorder", "https://id.example", timedelta(hours=1), "7")

    for name, subject in (("Night Desk", "8"), ("night desk", None), ("ada", "8"), ("ada", None), ("\u0430da", "8")):
        with pytest.raises(Conflict, match="or looks like it"):
            issue(name, "reader", "https://id.example", None, subject)
    chronology.keyring.revoke(chronology.keyring.issued()[0]["id"], "test")
    issue("night desk", "editor", "test")


def test_a_name_in_use_is_refused_by_the_api(chronology: Chronology) -> None:
    admin: Api = api_of(chronology, "admin")
    admin.posted("/tokens", {"name": "editor", "role": "editor"})

    for name in ("editor", "Editor", "\u0435ditor", "\uff45ditor"):
        answer = admin.post("/tokens", {"name": name, "role": "reader"})
        assert (answer.status_code, "or looks like it" in answer.text) == (409, True)
    for name in ("command Iine", "C\u043emmand line", "Anyb0dy"):
        assert admin.post("/tokens", {"name": name, "role": "reader"}).status_code == 422
