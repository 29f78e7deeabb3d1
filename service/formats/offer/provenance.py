"""What a value rests on as a document of W3C PROV: facts, amendments, sources, and who recorded or published them."""

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from projections.queries.evidence.audit import Audit
from projections.queries.evidence.fact_views import FactWithStream, StreamEntry
from service.formats.offer.lists import Address

if TYPE_CHECKING:
    from prov.model import ProvDocument

_PREFIX, _WORDS = "here", "chronology"
_VOCABULARY = "urn:chronology:"


class _Chain:
    """Writes the chain behind one value into a document; ids are addresses of pages."""

    def __init__(self, found: Audit, address: Address) -> None:
        from prov.model import ProvDocument  # takes half a second to load

        self.document = ProvDocument()
        self.document.add_namespace(_PREFIX, f"{address.base}/")
        self.document.add_namespace(_WORDS, _VOCABULARY)
        self._found = found
        self._told: set[str] = set()

    def write(self) -> "ProvDocument":
        """The whole chain."""
        found = self._found
        name = f"subjects/{_part(found['subject'])}#{_part(found['finding'])}"
        said = {"prov:value": _text(found["value"]), f"{_WORDS}:finding": found["finding"]}
        value = self._entity(name, said, f"{found['finding']} of {found['subject']}")
        for source in found["sources"]:
            self._source(source)
        for fact in found["facts"]:
            self._fact(fact)
        for because in found["because"]:
            self.document.wasDerivedFrom(value, _id(because))
        for rival in found["rivals"]:
            for because in rival["because"]:
                self.document.wasInfluencedBy(value, _id(because), None, {f"{_WORDS}:rival": _text(rival["value"])})
        return self.document

    def _entity(self, name: str, said: dict[str, Any], label: str) -> str:
        given: Any = {"prov:label": label} | {key: value for key, value in said.items() if value is not None}
        self.document.entity(_called(name), given)
        return _called(name)

    def _agent(self, sort: str, name: str) -> str:
        called = _called(f"{sort}/{_part(name)}")
        if called not in self._told:
            self._told.add(called)
            self.document.agent(called, {"prov:label": name})
        return called

    def _source(self, source: Any) -> None:
        said = {f"{_WORDS}:published": source["published"], f"{_WORDS}:url": source["url"]}
        entity = self._entity(f"sources/{_part(source['id'])}", said, source["title"])
        self.document.wasAttributedTo(entity, self._agent("publishers", source["publisher"]))
        for root in source["derived_from"]:
            self.document.wasDerivedFrom(entity, _called(f"sources/{_part(root)}"))

    def _fact(self, fact: FactWithStream) -> None:
        """A fact, each event of its stream as a revision of it, the words of each, and who recorded it."""
        first = _id(fact["id"])
        for entry in fact["stream"]:
            name = fact["id"] if entry["n"] == 0 else f"{fact['id']}#{entry['n']}"
            said = {f"{_WORDS}:event": entry["event"], f"{_WORDS}:reason": entry.get("reason")}
            label = fact["kind"] if entry["n"] == 0 else entry["event"]
            entity = self._entity(_path(name), said, label)
            self._recording(entity, entry)
            if entry["n"]:
                self.document.wasRevisionOf(entity, first)
            for citation in entry["citations"]:
                quoted = {"prov:value": citation["exact"]}
                source = _called(f"sources/{_part(citation['source'])}")
                self.document.wasQuotedFrom(entity, source, other_attributes=quoted)

    def _recording(self, entity: str, entry: StreamEntry) -> None:
        activity = _called(f"entries/{entry['position']}")
        self.document.activity(activity, entry["recorded"], entry["recorded"], {"prov:label": entry["event"]})
        self.document.wasGeneratedBy(entity, activity, entry["recorded"])
        for name, role in ((entry["recorded_by"], "recorder"), (entry.get("accepted_by"), "editor")):
            if name is not None:
                agent = self._agent("recorders", name)
                self.document.wasAssociatedWith(activity, agent, other_attributes={"prov:role": role})


def document_of(found: Audit, address: Address) -> "ProvDocument":
    """The chain behind a value as a PROV document; its ids are below the address."""
    return _Chain(found, address).write()


def written(found: Audit, address: Address, **how: str) -> bytes:
    """The document as a serializer of `prov` writes it."""
    return (document_of(found, address).serialize(**how) or "").encode()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _part(name: str) -> str:
    return quote(name, safe="")


def _path(name: str) -> str:
    """The local name of a fact, or of its amendment `fact#n`."""
    fact, _, number = name.partition("#")
    return f"facts/{_part(fact)}" + (f"#{number}" if number else "")


def _called(name: str) -> str:
    return f"{_PREFIX}:{name}"


def _id(name: str) -> str:
    return _called(_path(name))
