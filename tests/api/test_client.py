"""`from three_clocks import Client`: what it asks, records and follows on the running service."""

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.fixtures.servers import Served, serving
from three_clocks import Client, Refused

NOTEBOOK = Path(__file__).parents[2] / "docs" / "client.ipynb"
TEXT = "Both ministries said that 1,000 prisoners each would be handed over."
SOURCE = {"id": "gazette", "title": "Gazette", "publisher": "Gazette", "published": "2024-01-03", "text": TEXT}
FACT = {
    "id": "agreed",
    "kind": "SwapAgreed",
    "subject": "swap",
    "occurred": "2024-01-02",
    "count_each": 1000,
    "citations": [{"source": "gazette", "exact": "1,000 prisoners each"}],
}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as service:
        yield service


@pytest.fixture(scope="module")
def client(served: Served) -> Client:
    return Client(served.address, served.tokens["editor"])


def test_a_client_records_asks_why_and_what_differs_and_follows_the_log(served: Served, client: Client) -> None:
    registered = client.register(SOURCE)
    recorded = client.record(FACT)
    again = client.record(FACT)
    served.caught_up()

    assert (registered["version"], recorded, again) == (1, {**again, "position": recorded["position"]}, again)
    assert client.state("swap", at="2024-01-05")["status"]["value"] == "agreed"
    assert client.values("swap")["fields"]["count_each"] == {"best": 1000}
    assert client.why("swap", "count_each")["facts"][0]["citations"][0]["exact"] == "1,000 prisoners each"
    differences = client.diff({"position": 1}, {"position": recorded["position"]}, "swap")["differences"]
    assert ("status", "new_fact") in {(each["finding"], each["cause"]) for each in differences}
    assert [each["id"] for each in client.facts(subject="swap", limit=1)] == ["agreed"]
    assert [each["id"] for each in islice(client.follow(), 2)] == ["1", "2"]


def test_a_client_is_told_why_something_is_refused(served: Served, client: Client) -> None:
    client.register(SOURCE)
    unquoted = {**FACT, "id": "other", "citations": [{"source": "gazette", "exact": "words of nobody"}]}

    with pytest.raises(Refused, match="words of nobody") as refused:
        client.record(unquoted)
    with pytest.raises(Refused) as unallowed:
        Client(served.address, served.tokens["reader"]).record(FACT)

    assert (refused.value.status, refused.value.faults[0][0]) == (422, "/citations/0/exact")
    assert unallowed.value.status == 403


def test_a_client_needs_nothing_but_python() -> None:
    program = "import sys, three_clocks; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()

    assert not {"flask", "sqlalchemy", "events", "projections", "service", "httpx"} & set(loaded)


def test_the_notebook_of_the_docs_runs(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_ADDRESS", served.address)
    monkeypatch.setenv("SERVICE_TOKEN", served.tokens["editor"])
    cells = [each for each in json.loads(NOTEBOOK.read_text())["cells"] if each["cell_type"] == "code"]
    names: dict[str, object] = {}

    for cell in cells:
        exec("".join(cell["source"]), names)  # noqa: S102

    assert len(cells) > 4
