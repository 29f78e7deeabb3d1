"""The messages themselves, as the two newest revisions have them."""

import base64
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from service.assistants.protocol import MODERN, WITH_HANDSHAKE
from service.cli.main import main
from service.databases.chronology import Chronology
from tests.assistants.test_questions import META
from tests.fixtures.applications import app_on

OLD = WITH_HANDSHAKE[0]
KINDS = {"name": "kinds", "arguments": {}, "_meta": META}
AGREEING = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call", "Mcp-Name": "kinds"}


@pytest.fixture(scope="module")
def client(sample: Chronology) -> FlaskClient:
    return app_on(sample).test_client()


def sent(client: FlaskClient, method: str, params: Any = None, headers: Any = None, **more: Any) -> Any:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}, **more}
    return client.post("/mcp", json=message, headers=headers)


def test_the_newest_revision_says_in_each_result_that_it_is_complete_and_whose_it_is(client: FlaskClient) -> None:
    headers = {"MCP-Protocol-Version": MODERN}
    found = sent(client, "server/discover", {"_meta": META}, headers | {"Mcp-Method": "server/discover"}).get_json()[
        "result"
    ]
    tools = sent(client, "tools/list", {"_meta": META}, headers | {"Mcp-Method": "tools/list"}).get_json()["result"]

    assert found["supportedVersions"][:2] == [MODERN, OLD]
    for each in (found, tools):
        assert each["resultType"] == "complete"
        assert each["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "chronology"
        assert (each["ttlMs"] > 0, each["cacheScope"]) == (True, "public")


def test_a_handshake_agrees_on_a_revision_and_no_session_is_kept(client: FlaskClient) -> None:
    asked = {"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "old", "version": "1"}}
    begun = sent(client, "initialize", asked)
    tools = sent(client, "tools/list", headers={"MCP-Protocol-Version": OLD})
    noted = client.post("/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"})

    assert begun.get_json()["result"]["protocolVersion"] == OLD
    assert "Mcp-Session-Id" not in begun.headers
    assert "resultType" not in tools.get_json()["result"]
    assert (noted.status_code, noted.data) == (202, b"")
    assert sent(client, "ping").get_json()["result"] == {}


@pytest.mark.parametrize(
    ("headers", "params", "code"),
    [
        ({}, KINDS, -32020),
        ({**AGREEING, "Mcp-Name": "why"}, KINDS, -32020),
        ({**AGREEING, "Mcp-Method": "tools/list"}, KINDS, -32020),
        ({**AGREEING, "MCP-Protocol-Version": OLD}, KINDS, -32020),
        ({**AGREEING, "Mcp-Name": "=?base64?!!?="}, KINDS, -32020),
        (AGREEING, {"name": "kinds", "arguments": {}}, -32602),
        (AGREEING, {**KINDS, "_meta": {"io.modelcontextprotocol/protocolVersion": MODERN}}, -32602),
        ({"MCP-Protocol-Version": "1900-01-01"}, {"name": "kinds"}, -32022),
        (
            {**AGREEING, "MCP-Protocol-Version": "2099-01-01"},
            {**KINDS, "_meta": {**META, "io.modelcontextprotocol/protocolVersion": "2099-01-01"}},
            -32022,
        ),
    ],
)  # fmt: skip
def test_a_request_that_says_two_things_or_no_known_revision_is_refused(
    client: FlaskClient, headers: dict[str, str], params: Any, code: int
) -> None:
    answer = sent(client, "tools/call", params, headers)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, code)
    assert answer.get_json()["id"] == 1
    if code == -32022:
        assert answer.get_json()["error"]["data"]["supported"][:2] == [MODERN, OLD]


def test_a_name_may_be_encoded_in_its_header(client: FlaskClient) -> None:
    encoded = base64.b64encode(b"kinds").decode()

    assert sent(client, "tools/call", KINDS, {**AGREEING, "Mcp-Name": f"=?base64?{encoded}?="}).status_code == 200


def test_what_is_no_request_or_asks_for_no_method_is_refused(client: FlaskClient) -> None:
    listed = client.post("/mcp", json=[{"jsonrpc": "2.0", "id": 1, "method": "ping"}])
    unknown = sent(client, "tools/dream", {"_meta": META}, {**AGREEING, "Mcp-Method": "tools/dream"})
    strange = sent(client, "ping", id=None)

    assert (listed.status_code, listed.get_json()["error"]["code"]) == (400, -32600)
    assert (unknown.status_code, unknown.get_json()["error"]["code"]) == (404, -32601)
    assert sent(client, "tools/dream").status_code == 200  # a client of the handshake takes 404 for a session's end
    assert strange.get_json()["error"]["code"] == -32600
    assert sent(client, "tools/call", {"name": "dream"}).get_json()["error"]["code"] == -32602
    assert client.get("/mcp").status_code == 405
    assert client.post("/mcp", data=b"{", content_type="application/json").status_code == 400
    assert client.post("/mcp", data=b"{}", content_type="text/plain").status_code == 415


def test_on_standard_input_each_line_is_answered_by_one_line(tmp_path: Any) -> None:
    lines = '{"jsonrpc":"2.0","id":1,"method":"ping"}\nno JSON\n{"jsonrpc":"2.0","method":"notifications/x"}\n'
    environment = {"CHRONOLOGY_DATABASE": f"sqlite:///{tmp_path}/empty.db"}
    assert CliRunner(env=environment).invoke(main, ["migrate"]).exit_code == 0

    answered = CliRunner(env=environment).invoke(main, ["mcp"], input=lines).stdout.splitlines()

    assert answered[0] == '{"jsonrpc":"2.0","id":1,"result":{}}'
    assert '"code":-32700' in answered[1]
    assert len(answered) == 2
