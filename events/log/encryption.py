"""Encrypted words: texts, quotes, names, titles and reasons are stored sealed, so that destroying a key erases them.

A stored event reads `redacted` wherever it holds words; the words themselves are in its `sealed`, encrypted, and are
put back when it is read. Each stream has a key of its own, kept outside the log. Words cited from a source are
sealed with the keys of both streams, so that they are gone when either is. The log, its positions and its Merkle tree
are over what is stored, and do not change when a key is destroyed (crypto-shredding, NIST SP 800-88).

Each event's words have a key of their own: HMAC-SHA256 of its number under the stream's key. They are sealed by
AES-256-GCM over 32 zero bytes and JSON; the zeros commit to the key (Albertini et al., USENIX Security 2022).
"""

import binascii
import hmac
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.amendments import Amendment
from events.facts import Fact, fields_of, fields_of_all_kinds
from events.history.streams import stream_id
from events.sources import NOTED_WORDS, SourceEvent

REDACTED = "redacted"
KEY_BYTES = 32
NONCE_BYTES = 12
_COMMITMENT = bytes(32)
_WORDS = ("text", "texts")
_CITED = ("exact", "prefix", "suffix")

Keys = Mapping[str, bytes]


def without_own_words(event: type, data: Mapping[str, Any]) -> dict[str, Any]:
    """An event's values as they are read when its own words are erased."""
    stored, words = _without_own(event, data)
    return stored | {REDACTED: True} if words else stored


def without_words_of(source: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """An event's values with the words cited from the source redacted."""
    blank, _ = _without_quotes(data["citations"])
    pairs = zip(data["citations"], blank, strict=True)
    redacted = [each | {REDACTED: True} if given["source"] == source else given for given, each in pairs]
    return {**data, "citations": redacted}


def seal(event: type, data: Mapping[str, Any], stream: str, n: int, keys: Keys) -> dict[str, Any]:
    """The values of event `n` of a stream as they are stored: `redacted` where words stand, the words in `sealed`.

    `keys` holds those of the stream and of the sources that the event names.
    """
    stored, own = _without_own(event, data)
    words: dict[str, Any] = {}
    if own:
        quoted = data.get("sources", ()) if getattr(event, "quotes_sources", False) else ()
        words[" ".join(sorted(quoted))] = own
    if data.get("citations"):
        stored["citations"], quotes = _without_quotes(data["citations"])
        words |= quotes
    if words:
        stored["sealed"] = {label: _encrypt(key, words[label]) for label, key in _keys(words, stream, n, keys)}
    return stored


def open_sealed(data: dict[str, Any], stream: str, n: int, keys: Keys) -> dict[str, Any]:
    """The values with their words put back; where a key is destroyed they stay `redacted`, and say so."""
    sealed = data.pop("sealed", {})
    for label, key in _keys(sealed, stream, n, keys):
        words = _decrypt(key, sealed[label])
        if isinstance(words, dict):
            changes = words.pop("changes", None)
            data.update(words)
            if changes:
                data["changes"] = {**data["changes"], **changes}
        elif words is not None:
            for index, quote in words:
                data["citations"][index].update(quote)
        else:
            _mark(data, label)
    return data


def opening_keys(data: Mapping[str, Any], stream: str, n: int, keys: Keys) -> dict[str, str]:
    """The keys that open an event's sealed words, by label, in hexadecimal; none that were destroyed, or replaced."""
    sealed = data.get("sealed", {})
    found = _keys(sealed, stream, n, keys)
    return {label: key.hex() for label, key in found if key is not None and _decrypt(key, sealed[label]) is not None}


def streams_needed(data: Mapping[str, Any], stream: str) -> list[str]:
    """The streams whose keys open an event's words."""
    return [stream, *cited_streams(data.get("sealed", ()))]


def cited_streams(labels: Iterable[str]) -> Iterator[str]:
    """The streams of the sources that labels of sealed words name."""
    return (stream_id("source", source) for label in labels for source in label.split())


def same_words(given: Any, recorded: Any, values: Mapping[str, Any]) -> bool:
    """Whether a value given is the recorded one of `values`, as far as can be known: a redacted one may be any."""
    if given == recorded:
        return True
    return bool(values.get(REDACTED)) and given is not None and bool(recorded == _redacted(given))


def sources_of(event: type, data: Mapping[str, Any]) -> list[str]:
    """The sources with whose keys an event's words are sealed, beside that of its stream."""
    cited = [citation["source"] for citation in data.get("citations", ())]
    return [*cited, *data.get("sources", ())] if getattr(event, "quotes_sources", False) else cited


@cache
def has_words(event: type) -> bool:
    """Whether events of the class may hold words."""
    return issubclass(event, Fact) or bool(getattr(event, "encrypted", ()))


def is_open(data: Mapping[str, Any]) -> bool:
    """Whether all of the event's words could be read."""
    return not data.get(REDACTED) and not any(each.get(REDACTED) for each in data.get("citations", ()))


def _keys(labels: Iterable[str], stream: str, n: int, keys: Keys) -> Iterator[tuple[str, bytes | None]]:
    """The keys of an event's words, by label: the ids of the sources with whose keys they are sealed too.

    None where one that a key is made of is destroyed.
    """
    own = keys.get(stream)
    for label in labels:
        cited = [keys.get(each) for each in cited_streams([label])]
        if own is None or None in cited:
            yield label, None
        else:
            yield label, hmac.digest(own, b"".join([n.to_bytes(8, "big"), *filter(None, cited)]), "sha256")


def encrypt(key: bytes, plain: bytes) -> bytes:
    """Bytes sealed with a key that is used for nothing else."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, _COMMITMENT + plain, None)


def decrypt(key: bytes, sealed: bytes) -> bytes | None:
    """The bytes; None where they are sealed with another key."""
    try:
        plain = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
    except InvalidTag:
        return None
    return plain[len(_COMMITMENT) :] if plain.startswith(_COMMITMENT) else None


def _encrypt(key: bytes | None, words: Any) -> str:
    assert key is not None
    return binascii.b2a_base64(encrypt(key, orjson.dumps(words)), newline=False).decode()


def _decrypt(key: bytes | None, text: str) -> Any:
    """The words; None where the key is destroyed, or was destroyed and replaced."""
    if key is None:
        return None
    plain = decrypt(key, binascii.a2b_base64(text))
    return None if plain is None else orjson.loads(plain)


def _mark(data: dict[str, Any], label: str) -> None:
    cited = [each for each in data.get("citations", ()) if label and each["source"] == label]
    for each in cited:
        each[REDACTED] = True
    if not cited:
        data[REDACTED] = True


def _without_own(event: type, data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    stored, words = dict(data), {}
    for name in _word_fields(event):
        if data.get(name) is not None:
            words[name], stored[name] = data[name], _redacted(data[name])
    changes = data.get("changes") or {}
    said = {name: value for name, value in changes.items() if value and name in _word_changes(event)}
    if said:
        words["changes"] = said
        stored["changes"] = {**changes, **{name: _redacted(value) for name, value in said.items()}}
    return stored, words


def _redacted(value: Any) -> Any:
    return [REDACTED] if isinstance(value, list) else REDACTED


def _without_quotes(citations: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    stored: list[dict[str, Any]] = []
    words: dict[str, Any] = {}
    for index, citation in enumerate(citations):
        blank, quote = citation.copy(), {}
        for name in _CITED:
            if name in blank:
                quote[name], blank[name] = blank[name], REDACTED
        if "translation" in blank:
            quote["translation"] = blank["translation"]
            blank["translation"] = {**blank["translation"], "text": REDACTED}
        words.setdefault(blank["source"], []).append((index, quote))
        stored.append(blank)
    return stored, words


@cache
def _word_fields(event: type) -> tuple[str, ...]:
    """The fields of an event that hold words."""
    if issubclass(event, Fact):
        return tuple(name for name, of in fields_of(event).items() if of.title in _WORDS)
    return getattr(event, "encrypted", ())


@cache
def _word_changes(event: type) -> frozenset[str]:
    """The fields that hold words where an event changes them."""
    if issubclass(event, Amendment):
        return frozenset(name for name, of in fields_of_all_kinds().items() if of.title in _WORDS)
    return frozenset(NOTED_WORDS if issubclass(event, SourceEvent) else ())
