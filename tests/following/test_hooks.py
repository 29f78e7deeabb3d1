"""Web hooks: signed, in order, at least once, given up and shown; and no receiver, however bad, harms anybody else."""

import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from events.errors import Invalid
from events.kinds.swap import SwapAgreed
from service.chronicle.backup import back_up, restore
from service.databases.chronology import Chronology
from service.databases.hooks import Hook
from service.hooks.delivery import Deliveries
from service.hooks.hosts import NotAllowed, addresses_of, is_public, target_of
from service.hooks.sending import new_secret, send
from service.settings import Settings
from tests.conftest import Api, api_of, on
from tests.fixtures.receivers import Receiver, receiving, takes
from tests.fixtures.stories import Chronicle, Ticking

HERE = "127.0.0.1"


class Desk:
    """A chronology whose hooks may lead to this machine."""

    def __init__(self, database: str) -> None:
        settings = Settings(database=database, hook_hosts=f"localhost, {HERE}", address="https://desk.example")
        self.chronology = Chronology(settings, now=Ticking(), follows=True)
        self.hooks = self.chronology.databases.primary.hooks
        self.deliveries = Deliveries(self.chronology, pauses=(0, 0))
        self.story = Chronicle(self.chronology)

    def add(self, receiver: Receiver, **follows: Any) -> str:
        """A hook that leads to the receiver."""
        receiver.secret = new_secret()
        name = f"hook-{len(self.hooks.all())}"
        self.hooks.add(name, receiver.url, follows, receiver.secret, "admin", self.chronology.now(), 0)
        return name

    def agree(self, *subjects: str) -> None:
        for each in subjects:
            self.story.given(SwapAgreed, each, f"{each}-agreed", count_each=5)
        self.chronology.follower.catch_up()

    def deliver(self, name: str, times: int = 1) -> Hook:
        """Deliver what is next, so many times."""
        for _ in range(times):
            self.deliveries.deliver(self.hooks.get(name))
        return self.hooks.get(name)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(on("sqlite", tmp_path))
    yield desk
    desk.chronology.close()


def fails(*of: int) -> Any:
    """A receiver that refuses the requests of these numbers."""

    def answering(handler: BaseHTTPRequestHandler, before: int) -> None:
        if before not in of:
            return takes(handler)
        handler.send_error(500)
        return None

    return answering


def subjects(receiver: Receiver) -> list[str]:
    return [body["data"]["subject"] for body in receiver.verified()]


def test_each_change_is_sent_once_in_order_and_verified_by_the_library_of_the_standard(database: str) -> None:
    desk = Desk(database)
    with receiving() as receiver:
        name = desk.add(receiver)
        desk.agree("a", "b", "c")
        hook = desk.deliver(name, 3)

        messages = receiver.verified()

    assert [body["data"]["subject"] for body in messages] == ["a", "b", "c"]
    assert [body["data"]["id"] for body in messages] == receiver.ids
    assert (messages[0]["type"], hook.delivered, hook.position) == ("chronology.new", 3, desk.story.head)
    assert messages[0]["data"]["permalink"].startswith("https://desk.example/compare?")
    desk.chronology.close()


def test_what_is_not_taken_is_sent_again_with_the_same_id_before_anything_else(desk: Desk) -> None:
    with receiving(fails(1)) as receiver:
        name = desk.add(receiver)
        desk.agree("a", "b", "c")
        waiting = desk.deliver(name)
        done = desk.deliver(name, 2)

        assert subjects(receiver) == ["a", "b", "b", "c"]
    assert receiver.ids[1] == receiver.ids[2]
    assert (waiting.delivered, waiting.attempts, waiting.error) == (1, 1, "it answered 500")
    assert (done.delivered, done.attempts, done.error) == (3, 0, None)


def test_who_never_takes_anything_is_given_up_and_taken_up_again_where_it_stood(desk: Desk) -> None:
    with receiving(fails(0, 1, 2)) as receiver:
        name = desk.add(receiver)
        desk.agree("a")
        given_up = desk.deliver(name, 3)
        desk.hooks.note(name, attempts=0, next_attempt=0, error=None, given_up=None)
        resumed = desk.deliver(name)

        assert subjects(receiver) == ["a"] * 4
    assert given_up.given_up
    assert given_up.error == "it answered 500"
    assert (resumed.delivered, resumed.given_up) == (1, None)


def test_who_says_that_it_is_gone_is_given_up_at_once(desk: Desk) -> None:
    def gone(handler: BaseHTTPRequestHandler, _: int) -> None:
        handler.send_error(410)

    with receiving(gone) as receiver:
        name = desk.add(receiver)
        desk.agree("a")

        assert desk.deliver(name).given_up


def test_a_hook_is_sent_what_it_follows_and_of_that_the_kinds_it_asks_for(desk: Desk) -> None:
    with receiving() as one, receiving() as other:
        of_subject, of_kind = desk.add(one, subject="b"), desk.add(other, messages=["corrected"])
        desk.agree("a", "b")
        desk.story.amend("a-agreed", "corrections", changes={"count_each": 6})
        desk.chronology.follower.catch_up()
        desk.deliver(of_subject, 2)
        desk.deliver(of_kind, 2)

        assert subjects(one) == ["b"]
        assert [(body["type"], body["data"]["subject"]) for body in other.verified()] == [("chronology.corrected", "a")]


def test_a_redirect_is_not_followed(desk: Desk) -> None:
    with receiving() as inside:

        def elsewhere(handler: BaseHTTPRequestHandler, _: int) -> None:
            handler.send_response(307)
            handler.send_header("Location", inside.url)
            handler.end_headers()

        with receiving(elsewhere) as receiver:
            name = desk.add(receiver)
            desk.agree("a")
            hook = desk.deliver(name)

        assert hook.error == "it answered 307"
        assert inside.requests == []


def test_a_receiver_that_hangs_holds_up_nobody_else(desk: Desk) -> None:
    stop, came = Event(), Event()

    def hangs(*_: Any) -> None:
        stop.wait(60)

    def answering(handler: BaseHTTPRequestHandler, before: int) -> None:
        takes(handler)
        came.set()

    with receiving(hangs) as bad, receiving(answering) as good:
        desk.add(bad)
        desk.add(good)
        desk.agree("a")
        running = Thread(target=desk.deliveries.run, args=(stop,))
        running.start()

        assert came.wait(60)
        assert subjects(good) == ["a"]
        stop.set()
        running.join()


def drips(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(600):
        connection.sendall(f"X-{number}: and so on\r\n".encode())
        time.sleep(0.02)


def says_nothing(connection: socket.socket) -> None:
    connection.recv(1)
    time.sleep(2)


def lies(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"220 mail.example ready\r\n" * 10_000)


@pytest.mark.parametrize("behaving", [drips, says_nothing, lies], ids=lambda each: each.__name__)
def test_who_drips_is_silent_or_speaks_something_else_is_left_in_time(behaving: Any) -> None:
    with socket.create_server((HERE, 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    behaving(connection)
                except OSError:
                    return

        serving = Thread(target=serve, daemon=True)
        serving.start()
        target = target_of(f"http://{HERE}:{listener.getsockname()[1]}/", HERE)

        outcome = send(target, HERE, {}, b"{}", seconds=0.3)

        assert outcome.error in ("it did not answer by HTTP, or not in time", "it did not answer in time")
        serving.join(timeout=10)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://elsewhere.example/", "elsewhere.example"),
        ("http://hooks.example/", "not encrypted"),
        ("https://10.0.0.5/", "10.0.0.5"),
        ("http://[::1]:8000/", "::1"),
        ("ftp://hooks.example/", "ftp://"),
        ("https://user:secret@hooks.example/", "a name or a fragment"),
        ("https://hooks.example/#part", "a name or a fragment"),
        ("https://hooks.example:99999/", "is no address"),
        ("https://hooks.example/a b", "https://hooks.example/a b"),
        ("/hook", "/hook"),
    ],
)
def test_a_hook_leads_only_where_the_operator_allows(url: str, named: str) -> None:
    with pytest.raises(Invalid, match=named.replace("[", r"\[")) as refused:
        target_of(url, "hooks.example, 127.0.0.1")

    assert refused.value.faults[0].pointer == "/url"


def test_a_name_that_leads_to_a_private_address_is_not_sent_to_unless_that_address_is_allowed_itself() -> None:
    target = target_of("https://localhost/", "localhost")
    with pytest.raises(NotAllowed, match="which is no public address"):
        addresses_of(target, "localhost")

    assert send(target, "localhost", {}, b"{}").error
    assert {str(each) for each in addresses_of(target, "localhost, 127.0.0.1, ::1")} <= {HERE, "::1"}


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),  # noqa: S104
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff02::1"),
        *("::ffff:10.0.0.1", "::ffff:8.8.8.8", "2002:0a00:0001::1", "64:ff9b::a00:1", "2001:0:4136:e378::1"),
    ],
)
def test_an_address_that_is_private_or_stands_for_another_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))
    assert is_public(ip_address("93.184.216.34"))
    assert is_public(ip_address("2606:2800:220:1::1"))


@pytest.fixture
def admin(desk: Desk) -> Api:
    desk.agree("a")
    return api_of(desk.chronology, "admin")


def test_an_admin_makes_lists_and_removes_hooks_and_sees_the_secret_once(desk: Desk, admin: Api) -> None:
    made = admin.posted("/hooks", {"url": f"http://{HERE}/", "subject": "a", "messages": ["corrected", "retracted"]})

    (listed,) = admin.get("/hooks").get_json()["hooks"]
    assert made["secret"].startswith("whsec_")
    assert listed == {name: value for name, value in made.items() if name != "secret"}
    assert listed["follows"] == {"subject": "a", "messages": ["corrected", "retracted"]}
    assert listed["position"] == desk.story.head
    assert admin.client.delete(f"/api/v1/hooks/{made['id']}", headers=admin.headers).status_code == 204
    assert admin.get("/hooks").get_json()["hooks"] == []
    assert admin.client.delete(f"/api/v1/hooks/{made['id']}", headers=admin.headers).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({"url": "https://elsewhere.example/"}, 422, "elsewhere.example"),
        ({"subject": "nobody"}, 404, "nobody"),
        ({"finding": "status"}, 422, "status"),
        ({"addresses": ["/subjects/a"]}, 422, "names no position"),
        ({"addresses": ["/subjects/a?position=1"], "subject": "a"}, 422, "by themselves"),
        ({"messages": ["gossip"]}, 422, "/messages"),
        ({"after": 9999}, 422, "9999"),
        ({"secret": "mine"}, 422, "secret"),
    ],
)
def test_a_hook_that_cannot_be_is_refused_by_name(admin: Api, body: dict[str, Any], status: int, named: str) -> None:
    answer = admin.post("/hooks", {"url": f"http://{HERE}/", **body})

    assert answer.status_code == status
    assert named in answer.get_data(as_text=True)
    assert admin.get("/hooks").get_json()["hooks"] == []


def test_a_backup_carries_the_hooks_with_their_bookmarks(desk: Desk, tmp_path: Path) -> None:
    with receiving() as receiver:
        name = desk.add(receiver)
        desk.agree("a", "b")
        desk.deliver(name, 2)
    back_up(desk.chronology.settings.database, tmp_path / "kept")

    other = Desk(f"sqlite:///{tmp_path}/other.db")
    restore(other.chronology.store.engine, tmp_path / "kept")

    assert other.hooks.all() == desk.hooks.all()
    other.chronology.close()
