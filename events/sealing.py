"""Words under seal: texts, quotes and names are stored encrypted, so that destroying a key erases them lawfully.

A stored event reads `redacted` wherever it holds words; the words themselves lie encrypted beside it, in `sealed`, and
are laid over it when it is read. Each stream has a key of its own, kept outside the log. Words cited from a source are
sealed with the keys of both streams, so that they are gone when either is. The log, its positions and its Merkle tree
are over what is stored, and do not change when a key is destroyed (crypto-shredding, NIST SP 800-88).

Each event's words have a key of their own: HMAC-SHA256 of its number under the stream's key. They are sealed by
AES-256-GCM over 32 zero bytes and JSON; the zeros commit to the key (Albertini et al., USENIX Security 2022).
"""

import binascii
import hmac
import os
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.amendments import Amendment
from events.facts import ENVELOPE, KINDS, Fact, fields_of, own_fields
from events.history import source_stream

REDACTED = "redacted"
KEY_BYTES = 32
_NONCE_BYTES = 12
_COMMITMENT = bytes(32)
_WORDS = ("text", "texts")
_CITED = ("exact", "prefix", "suffix")

Keys = Mapping[str, bytes]


def new_keys(streams: Iterable[str]) -> dict[str, bytes]:
    """A fresh random key for each stream."""
    wanted = list(streams)
    random = os.urandom(KEY_BYTES * len(wanted))
    return {stream: random[at * KEY_BYTES : (at + 1) * KEY_BYTES] for at, stream in enumerate(wanted)}


def blanked(event: type, data: Mapping[str, Any]) -> dict[str, Any]:
    """An event's values as they are read when its own words are erased."""
    stored, words = _without_own(event, data)
    return stored | {REDACTED: True} if words else stored


def blanked_of(source: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """An event's values with the words cited from the source redacted."""
    citations = [_without_quote(each) if each["source"] == source else each for each in data["citations"]]
    return {**data, "citations": citations}


def seal(event: type, data: Mapping[str, Any], stream: str, n: int, keys: Keys) -> dict[str, Any]:
    """The values as they are stored: `redacted` where words stand, and `sealed` with the words.

    Args:
        event: the event's class.
        data: its values.
        stream: the stream it belongs to.
        n: its number in the stream.
        keys: those of the stream and of the sources that it names.
    """
    stored, words = _without_own(event, data)
    citations = data.get("citations")
    if words or citations:
        stored["sealed"] = sealed = {}
        if words:
            label = _label(event, data)
            sealed[label] = _encrypt(_key(label, stream, n, keys), words)
        if citations:
            stored["citations"], quotes = _without_quotes(citations)
            for label, quoted in quotes.items():
                sealed[label] = _encrypt(_key(label, stream, n, keys), quoted)
    return stored


def open_sealed(data: dict[str, Any], stream: str, n: int, keys: Keys) -> dict[str, Any]:
    """The values with their words laid over; where a key is destroyed they stay `redacted`, and say so."""
    sealed = data.pop("sealed", None)
    for label, text in (sealed or {}).items():
        words = _decrypt(_key(label, stream, n, keys), text)
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
    """The keys that open an event's sealed words, by label, in hexadecimal; only those that are not destroyed."""
    found = {label: _key(label, stream, n, keys) for label in data.get("sealed", {})}
    return {label: key.hex() for label, key in found.items() if key is not None}


def streams_needed(data: Mapping[str, Any], stream: str) -> list[str]:
    """The streams whose keys open an event's words."""
    sources = (source for label in data.get("sealed", ()) for source in label.split())
    return [stream, *(source_stream(source) for source in sources)]


def same_words(given: Any, kept: Any, noted: Mapping[str, Any]) -> bool:
    """Whether a value given is the one kept, as far as that can still be told: what is redacted may have been any."""
    return bool(given == kept) or (bool(noted.get(REDACTED)) and given is not None and kept == _redacted(given))


@cache
def has_words(event: type) -> bool:
    """Whether events of the class may hold words."""
    return issubclass(event, Fact) or bool(getattr(event, "words", ()))


def is_open(data: Mapping[str, Any]) -> bool:
    """Whether all of the event's words could be read."""
    return not data.get(REDACTED) and not any(each.get(REDACTED) for each in data.get("citations", ()))


def _label(event: type, data: Mapping[str, Any]) -> str:
    """The sources with whose keys an event's own words are sealed too: their ids, apart by spaces."""
    return " ".join(sorted(data.get("sources", ()))) if getattr(event, "quotes_sources", False) else ""


def _key(label: str, stream: str, n: int, keys: Keys) -> bytes | None:
    """The key of an event's words; None where one that it is made of is destroyed."""
    own = keys.get(stream)
    if own is None:
        return None
    number = n.to_bytes(8, "big")
    if not label:
        return hmac.digest(own, number, "sha256")
    parts = [keys.get(source_stream(source)) for source in label.split()]
    return None if None in parts else hmac.digest(own, number + b"".join(filter(None, parts)), "sha256")


def _encrypt(key: bytes | None, words: Any) -> str:
    assert key is not None
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, _COMMITMENT + orjson.dumps(words), None)
    return binascii.b2a_base64(nonce + sealed, newline=False).decode()


def _decrypt(key: bytes | None, text: str) -> Any:
    """The words; None where the key is destroyed, or was destroyed and replaced."""
    if key is None:
        return None
    sealed = binascii.a2b_base64(text)
    try:
        plain = AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
    except InvalidTag:
        return None
    return orjson.loads(plain[len(_COMMITMENT) :]) if plain.startswith(_COMMITMENT) else None


def _mark(data: dict[str, Any], label: str) -> None:
    cited = [each for each in data.get("citations", ()) if label and each["source"] == label]
    for each in cited:
        each[REDACTED] = True
    if not cited:
        data[REDACTED] = True


def _without_own(event: type, data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    stored, words = dict(data), {}
    for name in _word_fields(event, len(KINDS)):
        if data.get(name) is not None:
            words[name], stored[name] = data[name], _redacted(data[name])
    if issubclass(event, Amendment) and data.get("changes"):
        said = {name: value for name, value in data["changes"].items() if name in _any_words(len(KINDS)) and value}
        if said:
            words["changes"] = said
            stored["changes"] = {**data["changes"], **{name: _redacted(value) for name, value in said.items()}}
    return stored, words


def _redacted(value: Any) -> Any:
    return [REDACTED] if isinstance(value, list) else REDACTED


def _without_quotes(citations: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    stored: list[dict[str, Any]] = []
    words: dict[str, Any] = {}
    for index, citation in enumerate(citations):
        blank, quote = dict(citation), {}
        for name in _CITED:
            if name in citation:
                quote[name], blank[name] = citation[name], REDACTED
        words.setdefault(citation["source"], []).append((index, quote))
        stored.append(blank)
    return stored, words


def _without_quote(citation: dict[str, Any]) -> dict[str, Any]:
    return _without_quotes([citation])[0][0] | {REDACTED: True}


@cache
def _word_fields(event: type, _kinds: int) -> tuple[str, ...]:
    """The fields of an event that hold words."""
    if issubclass(event, Fact):
        return tuple(name for name, of in fields_of(event).items() if of.title in _WORDS)
    return getattr(event, "words", ())


@cache
def _any_words(_kinds: int) -> frozenset[str]:
    """The fields that hold words in any kind; made anew when the number of kinds has changed."""
    types = dict(ENVELOPE)
    for kind in KINDS.values():
        types |= own_fields(kind)
    return frozenset(name for name, of in types.items() if of.title in _WORDS)
