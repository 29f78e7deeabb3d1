"""What a record keeps between calls: the streams of sources as they were read, and their texts folded for searching."""

from events.commands.quotes import SearchableText
from events.history.streams import Entry

_MOST_CHARACTERS = 4 << 20
_MOST = 2_000


class Kept:
    """Streams of sources by id, and texts by digest: all are given up when they become too many or too long."""

    def __init__(self) -> None:
        self._streams: dict[str, tuple[bytes | None, list[Entry]]] = {}
        self._texts: dict[str, SearchableText] = {}
        self._characters = 0

    def forget(self) -> None:
        """Keep nothing: a text was redacted."""
        self._streams.clear()
        self._texts.clear()
        self._characters = 0

    def stream(self, stream: str, length: int, key: bytes | None) -> list[Entry] | None:
        """The entries of a stream of that length, opened with that key; None where they are not kept."""
        known = self._streams.get(stream)
        return known[1] if known is not None and known[0] == key and len(known[1]) == length else None

    def keep(self, stream: str, key: bytes | None, entries: list[Entry]) -> None:
        """Keep the entries of a stream, as they are now."""
        self._room_for(sum(len(entry.data.get("text", "")) for entry in entries))
        self._streams[stream] = key, list(entries)

    def text(self, sha256: str, text: str) -> SearchableText:
        """The searchable form of the text with that digest."""
        known = self._texts.get(sha256)
        if known is None:
            known = SearchableText(text)
            self._room_for(len(text))
            self._texts[sha256] = known
        return known

    def _room_for(self, characters: int) -> None:
        self._characters += characters
        if self._characters > _MOST_CHARACTERS or len(self._streams) > _MOST:
            self.forget()
            self._characters = characters
