"""What cannot be altered unseen: the log's Merkle tree, its checkpoints and proofs, and who verifies them."""

import base64
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from eventsourcing.persistence import StoredEvent
from hypothesis import given
from hypothesis import strategies as st

from events.errors import Conflict, Invalid
from events.log.proofs.merkle import (
    EMPTY,
    consistency_path,
    extends,
    inclusion_path,
    leaf_bytes,
    leaf_hash,
    node_hash,
    root_at,
    root_of,
    with_leaves,
)
from projections.read_models.merkle_tiles import root
from service.chronicle.checkpoints import NoKey, Signed, Verifier, signer_in
from service.chronicle.signing import checkpoint_of, signer_of
from service.databases.chronology import Chronology
from tests.conftest import Api
from tests.hostile.tampering import Grudge, seen, told
from tools import verify_proof

STREAM = UUID("4ae1554e-352d-55bf-b9af-381c06fdcc82")
SCRIPT = Path(__file__).parents[2] / "tools" / "verify_proof.py"


@pytest.fixture
def grudge(chronology: Chronology) -> Grudge:
    told(chronology)
    chronology.follower.catch_up()
    return Grudge(chronology)


def tree_by_definition(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash, word for word from RFC 9162, section 2.1.1."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(tree_by_definition(leaves[:k]), tree_by_definition(leaves[k:]))


STORED = Path(__file__).parents[1] / "recording" / "stored" / "version-1.jsonl"


def test_the_root_over_what_was_stored_once_is_the_same_for_ever() -> None:
    """Whoever kept a checkpoint holds this very hash: over the values, the topic, the stream and the number of each."""
    rows = [orjson.loads(line) for line in STORED.read_bytes().splitlines()]
    events = [StoredEvent(STREAM, row["version"], row["topic"], orjson.dumps(row["state"])) for row in rows]
    frontier = with_leaves(0, [], (leaf_hash(leaf_bytes(each)) for each in events))[1]

    assert leaf_bytes(events[0]).endswith(
        b',"stream":"4ae1554e-352d-55bf-b9af-381c06fdcc82","topic":"fact:ActorNamed","version":1}'
    )
    assert root_of(frontier).hex() == "c3649d29c74957615cce0f168149604628c91ac01940c5ff41e638894fd11f0c"


def nodes_over(leaves: list[bytes]) -> Any:
    return lambda level, index: tree_by_definition(leaves[index << level : (index + 1) << level])


@given(st.lists(st.binary(max_size=4), max_size=70), st.data())
def test_roots_grow_as_the_definition_has_them_and_every_proof_holds(leaves: list[bytes], data: Any) -> None:
    size = len(leaves)
    whole = tree_by_definition(leaves)
    first = data.draw(st.integers(0, size))
    frontier = with_leaves(0, [], map(leaf_hash, leaves[:first]))[1]

    assert root_of(frontier) == tree_by_definition(leaves[:first])
    assert root_of(with_leaves(first, frontier, map(leaf_hash, leaves[first:]))[1]) == whole
    assert root_at(size, nodes_over(leaves)) == whole
    if first:
        path = inclusion_path(first - 1, size, nodes_over(leaves))
        verify_proof.check_inclusion(first - 1, size, leaf_hash(leaves[first - 1]), path, whole)
        old, path = tree_by_definition(leaves[:first]), consistency_path(first, size, nodes_over(leaves))
        verify_proof.check_consistency(first, old, size, whole, path)
        assert extends(first, old, size, whole, path)
        assert not extends(first, old, size, node_hash(whole, whole), path)
        assert not extends(first, node_hash(old, old), size, whole, path)


def test_an_untouched_log_is_what_it_was(grudge: Grudge) -> None:
    verdict = grudge.verdict()

    assert verdict.flaws == []
    assert verdict.size == grudge.chronology.record.head() == 8


def test_a_flipped_byte_of_a_stored_event_is_seen(grudge: Grudge) -> None:
    made, noticed = seen(grudge, every=29)

    assert made > 50
    assert noticed == made
    assert grudge.verdict().is_whole


def test_an_event_moved_to_another_stream_is_seen_and_named(grudge: Grudge) -> None:
    other = grudge.events()[2].originator_id
    grudge.put(5, "originator_id", other.hex if grudge.chronology.settings.is_sqlite else other)
    grudge.put(5, "originator_version", 77)

    assert "the view 'entries' does not follow from the log at 5" in grudge.flaws()


def test_an_event_of_a_stream_whose_id_is_none_is_seen(grudge: Grudge) -> None:
    if not grudge.chronology.settings.is_sqlite:
        pytest.skip("PostgreSQL takes no such id")
    grudge.put(5, "originator_id", "no stream")

    assert "the events of the log after position 0 cannot be read (ValueError)" in grudge.verdict().flaws


def test_values_that_are_no_bytes_are_seen(grudge: Grudge) -> None:
    if not grudge.chronology.settings.is_sqlite:
        pytest.skip("PostgreSQL takes nothing else")
    grudge.put(5, "state", "{}")

    assert "the event at position 5 cannot be read (TypeError)" in grudge.verdict().flaws


def test_two_events_swapped_are_seen(grudge: Grudge) -> None:
    for before, after in ((3, -3), (4, 3), (-3, 4)):
        grudge.sql(
            "UPDATE chronology_events SET POSITION = :after WHERE POSITION = :before", before=before, after=after
        )

    found = "the view 'entries' does not follow from the log at 3, 4", "the views cannot be held against the log"
    assert any(each.startswith(found) for each in grudge.flaws())
    assert "the Merkle root of the log is not the one noted when its last event was stored" in grudge.verdict().flaws


def test_a_deleted_event_is_seen_even_if_those_behind_it_move_up(grudge: Grudge) -> None:
    grudge.sql("DELETE FROM chronology_events WHERE POSITION = 4")
    assert "event 4 of the log stands at position 5: one is missing or too many" in grudge.verdict().flaws

    for position in (5, 6, 7, 8):
        grudge.sql("UPDATE chronology_events SET POSITION = :up WHERE POSITION = :at", up=position - 1, at=position)
    assert "the log has 7 events, but 8 were stored" in grudge.verdict().flaws


def test_a_cut_tail_is_seen(grudge: Grudge) -> None:
    grudge.sql("DELETE FROM chronology_events WHERE POSITION > 6")

    assert "the log has 6 events, but 8 were stored" in grudge.verdict().flaws


def test_views_are_not_rebuilt_from_a_log_that_was_cut(grudge: Grudge) -> None:
    grudge.sql("DELETE FROM chronology_events WHERE POSITION > 6")

    with pytest.raises(Conflict, match="the views stand at position 8, but the log ends at 6: it was cut"):
        grudge.chronology.follower.rebuild()


def test_a_tail_rewritten_with_fresh_hashes_is_seen_by_who_kept_a_checkpoint(grudge: Grudge) -> None:
    chronology = grudge.chronology
    kept = signer_of(chronology).verifier.opened(checkpoint_of(chronology))
    state = orjson.loads(grudge.events()[6].state) | {"recorded_by": "somebody else"}
    grudge.put(7, "state", orjson.dumps(state, option=orjson.OPT_SORT_KEYS))
    grudge.fresh_hashes()

    assert grudge.verdict().is_whole
    flaws = grudge.verdict(against={kept.size: kept.root}).flaws
    assert flaws == ["the first 8 events of the log are not those of the checkpoint: it was rewritten"]


def test_a_tail_cut_with_fresh_hashes_is_seen_by_who_kept_a_checkpoint(grudge: Grudge) -> None:
    kept = signer_of(grudge.chronology).verifier.opened(checkpoint_of(grudge.chronology))
    grudge.sql("DELETE FROM chronology_events WHERE POSITION = 8")
    grudge.fresh_hashes()

    assert grudge.verdict().is_whole
    assert "its tail is cut" in grudge.verdict(against={kept.size: kept.root}).flaws[0]


def test_words_whose_key_is_gone_without_a_redaction_are_seen(grudge: Grudge) -> None:
    grudge.sql("DELETE FROM chronology_keys")

    flaws = grudge.verdict().flaws
    assert "the words of the event at position 1 do not open, and nobody redacted them" in flaws


def test_subjects_noted_otherwise_are_seen(grudge: Grudge) -> None:
    grudge.sql("UPDATE chronology_subjects SET kind = 'talks'")

    assert grudge.verdict().flaws == ["the subjects noted are not those that the events name: swap"]


def test_the_roots_that_proofs_use_are_those_that_writers_noted(chronology: Chronology) -> None:
    chronicle = told(chronology)
    for _ in range(300):
        chronicle.report()
    noted = signer_of(chronology).verifier.opened(checkpoint_of(chronology))
    chronology.follower.catch_up()

    with chronology.store.reading() as snapshot:
        assert noted.size == snapshot.position == 308
        assert root(snapshot, 308) == noted.root
        assert root(snapshot, 256) == root_of(
            with_leaves(0, [], (leaf_hash(leaf_bytes(e)) for e in Grudge(chronology).events()[:256]))[1]
        )


def proof(*arguments: str | Path) -> tuple[int, str]:
    """The verifier's answer: a process of its own that knows nothing of the service."""
    run = [sys.executable, "-I", str(SCRIPT), *map(str, arguments)]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def test_a_stranger_verifies_proofs_with_the_public_key_alone(api: Api, grudge: Grudge, tmp_path: Path) -> None:
    key = api.get("/checkpoint/key").text
    old, latest = tmp_path / "old.note", tmp_path / "inclusion.json"
    old.write_text(api.get("/checkpoint", size=5).text, encoding="utf-8")
    latest.write_bytes(api.get("/proofs/inclusion", position=2).data)
    grown_since = tmp_path / "consistency.json"
    grown_since.write_bytes(api.get("/proofs/consistency", first=5).data)

    assert proof(key, "checkpoint", old)[0] == 0
    code, said = proof(key, "inclusion", latest)
    assert (code, "as both sides said" in said, "What report 1 says." in said) == (0, True, True)
    assert proof(key, "consistency", grown_since, old) == (
        0,
        "the log of 8 events begins with the 5 of the old checkpoint",
    )


def test_a_stranger_does_not_believe_a_forged_proof(api: Api, grudge: Grudge, tmp_path: Path) -> None:
    key = api.get("/checkpoint/key").text
    given_out = api.get("/proofs/inclusion", position=2).get_json()
    forged = tmp_path / "forged.json"

    forged.write_bytes(orjson.dumps({**given_out, "leaf": given_out["leaf"].replace("swap", "swop")}))
    assert proof(key, "inclusion", forged) == (1, "the event is not in the signed log")
    forged.write_bytes(orjson.dumps({**given_out, "position": 3}))
    assert proof(key, "inclusion", forged)[0] == 1
    note = given_out["checkpoint"].replace("chronology\n8\n", "chronology\n9\n")
    forged.write_bytes(orjson.dumps({**given_out, "size": 9, "checkpoint": note}))
    assert proof(key, "inclusion", forged) == (1, "the checkpoint is not signed by chronology")
    other = signer_in(tmp_path / "other", "chronology").verifier
    assert proof(str(other), "inclusion", forged)[0] == 1


@pytest.mark.parametrize(
    ("path", "query", "pointer"),
    [
        ("/proofs/inclusion", {}, "/position"),
        ("/proofs/inclusion", {"position": 9}, "/position"),
        ("/proofs/inclusion", {"position": 3, "size": 2}, "/position"),
        ("/proofs/inclusion", {"position": 0}, "/position"),
        ("/proofs/consistency", {"first": 9}, "/first"),
        ("/proofs/consistency", {"first": 1, "size": 99}, "/position"),
        ("/checkpoint", {"size": 99}, "/position"),
    ],
)
def test_a_proof_of_what_is_not_there_is_refused(
    api: Api, grudge: Grudge, path: str, query: dict[str, Any], pointer: str
) -> None:
    answer = api.get(path, **query)

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer


def test_a_signing_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first, again = (signer_in(tmp_path / "key", "ours") for _ in range(2))

    assert str(first.verifier) == str(again.verifier)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert str(Verifier.read(str(first.verifier))) == str(first.verifier)


@pytest.mark.parametrize("content", ["", "PRIVATE+KEY+x", "no key at all", "PRIVATE+KEY+a+b+" + "A" * 20])
def test_a_file_that_holds_no_key_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "key").write_text(content, encoding="ascii")

    with pytest.raises(NoKey, match="holds no signing key"):
        signer_in(tmp_path / "key", "ours")


def test_a_checkpoint_of_another_log_is_not_believed(chronology: Chronology, tmp_path: Path) -> None:
    ours, other = signer_in(tmp_path / "ours", "log"), signer_in(tmp_path / "other", "log")
    note = other.signed(Signed(3, base64.b64decode("A" * 43 + "=")), Signed(0, EMPTY))

    with pytest.raises(Invalid, match="not signed by the key 'log'"):
        ours.verifier.opened(note)
    with pytest.raises(Invalid, match="is not a checkpoint"):
        ours.verifier.opened("three\nlines\nof nothing\n\n")
