"""Hostile texts in every field and parameter that the API's document names, and in those of the pages.

`python -m tests.hostile.injections` prints how many were sent, and what they altered, ran or injected: nothing.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from service.app import create_app
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.databases import emptied, postgres
from tests.fixtures.digests import digest

SQL = (
    "' OR '1'='1",
    "'; DROP TABLE chronology_events; --",
    "1); DELETE FROM chronology_events; --",
    '" OR ""="',
    "x' UNION SELECT state FROM keyring_events --",
    "%' ESCAPE '",
    "$$; SELECT pg_sleep(9); $$",
    "%s %(x)s ? :x",
)
WORDS = ('"', "* NEAR(a b, 5)", "a AND", "col:x", "^a*", "{a b}: c", "a:* & !b | (", "\\", "%_%")
TEMPLATES = ("{{ 7*191 }}", "{% for x in ().__class__ %}{% endfor %}", "${7*191}", "{0.__class__}", "#{7*191}")
HEADERS = ("a\r\nX-Injected: yes", "a\nX-Injected: yes", "a%0d%0aX-Injected: yes", "a\u560d\u560aX-Injected: yes")
PATHS = ("../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "/etc/passwd", "....//....//etc/passwd", "file:///etc/passwd")
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", '=HYPERLINK("http://203.0.113.1","x")')
MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</textarea></title></script><script>alert(1)</script>",
    "javascript:alert(1)",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    '<a href="javascript:alert(1)" autofocus onfocus=alert(1)>x</a>',
    "<base href=//203.0.113.1><meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "\u202e<b>\u2066",
    "\x1b]0;x\x07\x1b[2J",
)
LISTS = {
    "SQL": SQL,
    "words": WORDS,
    "templates": TEMPLATES,
    "headers": HEADERS,
    "paths": PATHS,
    "formulas": FORMULAS,
    "markup": MARKUP,
}
PAYLOADS = tuple(text for texts in LISTS.values() for text in texts)
SEEDED = {
    "source": {"id": "paper", "title": "Paper", "publisher": "Gazette", "published": "2024-01-02", "text": "It is done."},
    "fact": {
        "id": "done",
        "kind": "SwapCompleted",
        "subject": "swap",
        "occurred": "2024-01-01",
        "citations": [{"source": "paper", "exact": "It is done."}],
    },
}  # fmt: skip
_KNOWN = {
    "source": "paper",
    "exact": "It is done.",
    "fact_id": "done",
    "finding": "status",
    "n": "1",
    "token": "none",
    "name": "paper",
    "filename": "style.css",
}
_NAMED = {**_KNOWN, "source": "other"}  # what is quoted is not what is revised


def example(schema: Any, document: Any, name: str = "") -> Any:
    """A value that the schema takes, as near as its words allow."""
    schema = resolved(schema, document)
    if name in _KNOWN:
        return _KNOWN[name]
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if "anyOf" in schema:
        return example(schema["anyOf"][0], document, name)
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        wanted = schema.get("required", [])
        return {
            each: example(schema["properties"][each], document, each) for each in wanted if each in schema["properties"]
        }
    if kind == "array":
        return [example(schema["items"], document, name)]
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return True
    return "2024-01-01" if "EDTF" in schema.get("description", "") or name == "retrieved_at" else "swap"


def resolved(schema: Any, document: Any) -> Any:
    """The schema behind a reference."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def bodies(schema: Any, document: Any) -> Iterator[Any]:
    """The schemas of single bodies: of a union, each member."""
    schema = resolved(schema, document)
    members = schema.get("oneOf") or schema.get("anyOf")
    if not members:
        yield schema
        return
    for member in members:
        if resolved(member, document).get("type") != "array":
            yield from bodies(member, document)


def texts(schema: Any, document: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where texts stand in a body, and the names of free members."""
    schema = resolved(schema, document)
    for name, inner in schema.get("properties", {}).items():
        inner = resolved(inner, document)
        kinds = inner.get("type", "string")
        if "properties" in inner:
            yield from texts(inner, document, (*at, name))
        elif "array" in kinds:
            item = resolved(inner["items"], document)
            yield from texts(item, document, (*at, name, 0)) if "properties" in item else iter([(*at, name, 0)])
        else:
            yield (*at, name)


def placed(body: Any, at: tuple[Any, ...], text: str) -> Any:
    """The body with the text at that place."""
    step, rest = at[0], at[1:]
    if step == 0:
        return [placed(body[0] if isinstance(body, list) and body else {}, rest, text) if rest else text]
    given = dict(body) if isinstance(body, dict) else {}
    given[step] = placed(given.get(step), rest, text) if rest else text
    return given


class Injector:
    """Sends hostile texts to an app on a database, and counts what came of them."""

    def __init__(self, database: str, payloads: tuple[str, ...] = PAYLOADS) -> None:
        self.payloads = payloads
        self.firsts = tuple(texts[0] for texts in LISTS.values())
        self.seen: set[tuple[str, tuple[Any, ...]]] = set()
        self.database = database
        self.chronology = Chronology(Settings(database=database), follows=True)
        self.app = create_app(self.chronology)
        self.client = self.app.test_client()
        token = self.chronology.keyring.issue("tester", "admin", "test")[1]
        self.headers = {"Authorization": f"Bearer {token}"}
        self.counted: Counter[str] = Counter()
        self.faults: list[str] = []
        for sort, body in (
            ("sources", SEEDED["source"]),
            ("sources", SEEDED["source"] | {"id": "other"}),
            ("facts", SEEDED["fact"]),
        ):
            path = f"/api/v1/{sort}"
            assert self.client.post(path, json=body, headers=self.headers).status_code == 201
        self.document = self.client.get("/api/v1/openapi.json").get_json()

    def run(self) -> None:
        """Every route of the document, then every page."""
        for path, calls in self.document["paths"].items():
            shared = calls.get("parameters", [])
            for method, call in calls.items():
                if method in ("get", "post", "delete"):
                    self._call(method, path, call, [*shared, *call.get("parameters", [])])
        self._pages()

    def _call(self, method: str, path: str, call: Any, parameters: list[Any]) -> None:
        for parameter in parameters:
            name = parameter["name"]
            filled = path.replace(f"{{{name}}}", "\0") if parameter["in"] == "path" else path
            with self._unaltered(f"{method} {path} {name}", method == "get"):
                for text in self.payloads:
                    address = self._filled(filled, text)
                    query = {name: text} if parameter["in"] == "query" else None
                    self._sent(method, address, f"{parameter['in']} {name}", query, {} if method == "post" else None)
        content = call.get("requestBody", {}).get("content", {}).get("application/json")
        for schema in bodies(content["schema"], self.document) if content else ():
            whole = example(schema, self.document)
            if path.endswith("/facts"):
                whole |= {"subject": f"of-{whole['kind'].lower()}"}
                whole |= {"subject_kind": "swap"} if "subject_kind" in schema["properties"] else {}
            for at in texts(schema, self.document):
                known = (path, at) in self.seen  # the fields that all kinds share are read by the same code
                self.seen.add((path, at))
                with self._unaltered(f"{method} {path} {at}", False):
                    for text in self.firsts if known else self.payloads:
                        where = f"body {'/'.join(map(str, at))}"
                        self._sent(method, self._filled(path), where, None, placed(whole, at, text))

    def _filled(self, path: str, text: str = "") -> str:
        steps = []
        for step in path.split("/"):
            name = step.strip("{}")
            steps.append(
                quote(text, safe="") if step == "\0" else _NAMED.get(name, "swap") if step.startswith("{") else step
            )
        return "/".join(steps)

    def _pages(self) -> None:
        names = ("at", "reported_until", "recorded_until", "zone", "position", "reading", "q", "subject", "after", "page", "by", "version", "against", "evolved", "from_at", "to_at")  # fmt: skip
        for rule in self.app.url_map.iter_rules():
            if rule.rule.startswith("/api") or "GET" not in (rule.methods or ()) or rule.endpoint.endswith("news"):
                continue
            path = "/".join("\0" if "<" in step else step for step in rule.rule.split("/"))
            with self._unaltered(f"page {rule.rule}", True):
                for text in self.payloads:
                    self._sent("get", self._filled(path, text), f"page path {rule.rule}", None, None)
                    for name in (
                        names if "\0" not in path or rule.rule.startswith(("/subjects", "/facts", "/sources")) else ()
                    ):
                        known = {
                            "/subjects/\0": "/subjects/swap",
                            "/facts/\0": "/facts/done",
                            "/sources/\0": "/sources/paper",
                        }
                        self._sent("get", known.get(path, path), f"page query {name}", {name: text}, None)

    def _sent(self, method: str, path: str, where: str, query: Any, body: Any) -> None:
        answer = self.client.open(
            path, method=method.upper(), query_string=query, json=body, headers=self.headers, buffered=True
        )
        self.counted["requests"] += 1
        self.counted["taken"] += method != "get" and answer.status_code < 300
        self.counted["created"] += method == "post" and answer.status_code == 201 and "/tokens" not in path
        if answer.status_code >= 500:
            self.faults.append(f"{answer.status_code}: {method} {path} {query} {body}")
        if "X-Injected" in answer.headers or any("\n" in value or "\r" in value for value in answer.headers.values()):
            self.counted["headers injected"] += 1
            self.faults.append(f"header: {method} {path} {query}")
        if answer.content_type.startswith("text/html") and query:
            markup = next(iter(query.values()))
            if "<" in markup and markup.encode() in answer.data:
                self.counted["markup unescaped"] += 1
                self.faults.append(f"markup: {path} {query}")

    def _unaltered(self, what: str, reads: bool) -> "_Unaltered":
        return _Unaltered(self, what, reads)


class _Unaltered:
    """While it lasts, reads and refusals alter no row, and what is taken only adds to the log."""

    def __init__(self, injector: Injector, what: str, reads: bool) -> None:
        self.injector, self.what, self.reads = injector, what, reads

    def __enter__(self) -> None:
        injector = self.injector
        injector.counted["places"] += 1
        injector.chronology.follower.catch_up()
        self.taken, self.created = injector.counted["taken"], injector.counted["created"]
        self.head, self.log = injector.chronology.record.head(), _log(injector.chronology)
        self.before = digest(injector.chronology.store.engine) if self.reads or len(self.log) < 500 else None

    def __exit__(self, *_: object) -> None:
        injector = self.injector
        taken, created = injector.counted["taken"] - self.taken, injector.counted["created"] - self.created
        log = _log(injector.chronology)
        added = len(log) == len(self.log) + created and log[: len(self.log)] == self.log
        same = taken or self.before is None or digest(injector.chronology.store.engine) == self.before
        if not (added and same):
            injector.counted["rows altered"] += 1
            injector.faults.append(f"altered: {self.what}: {len(self.log)} + {created} is not {len(log)}")


def _log(chronology: Chronology) -> list[Any]:
    return [(stored.id, stored.state) for stored in chronology.record.recorder.select_notifications(1, 10**9)]


def main() -> None:
    """Print what was sent and what came of it; exit with 1 where anything did."""
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for database in (f"sqlite:///{Path(folder)}/chronology.db", emptied(postgres())):
            injector = Injector(database)
            injector.run()
            for fault in injector.faults[:40]:
                print(f"AT FAULT {fault[:600]}")
            lists = ", ".join(f"{name} {len(each)}" for name, each in LISTS.items())
            print(
                f"{database.partition(':')[0]}: {len(PAYLOADS)} texts ({lists}) in {injector.counted['places']} places"
            )
            told = ("requests", "taken", "created", "rows altered", "headers injected", "markup unescaped")
            print(
                ", ".join(f"{name}: {injector.counted[name]}" for name in told),
                f"; {len(injector.faults)} at fault",
                flush=True,
            )
            failed |= bool(injector.faults)
            injector.chronology.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
