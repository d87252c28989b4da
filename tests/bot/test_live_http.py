"""Listening over HTTP to a real server process: cheap, complete, and over when the server ends."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from bot.channels import web
from bot.chat import service as chats
from bot.messages import Button, Outgoing
from tests.served import PATIENCE, Server

pytestmark = pytest.mark.slow

LISTENERS = 200


class Ear:
    """One who listens, with as little as possible of its own."""

    def __init__(self, server: Server, token: str, *, last: str = "", address: str = "") -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        self.file = self.socket.makefile("rb")
        self.socket.sendall(
            f"GET /api/v1/chat/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            f"X-Forwarded-For: {address or '10.0.0.1'}\r\nLast-Event-ID: {last}\r\n\r\n".encode()
        )
        self.status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            pass

    def hear(self, events: int) -> list[tuple[int, str]]:
        """So many events: (number, ref)."""
        heard: list[tuple[int, str]] = []
        number = 0
        while len(heard) < events:
            line = self.file.readline().decode()
            assert line, f"the stream ended after {heard}"
            if line.startswith("id: "):
                number = int(line.removeprefix("id: "))
            if line.startswith("data: "):
                heard.append((number, json.loads(line.removeprefix("data: "))["ref"]))
        return heard

    def rest(self) -> bytes:
        """Whatever still comes until the server ends it."""
        return self.file.read()

    def close(self) -> None:
        """It goes away."""
        self.file.close()
        self.socket.close()


@pytest.fixture
def listen(server: Server) -> Iterator[Callable[..., Ear]]:
    """Begin to listen; ends with the test."""
    with ExitStack() as stack:

        def begun(token: str, **more: str) -> Ear:
            ear = Ear(server, token, **more)
            stack.callback(ear.close)
            return ear

        yield begun


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One process for the tests of this file."""
    server = Server(tmp_path_factory.mktemp("served"))
    yield server
    if server.process.poll() is None:
        server.stop()
    server.database.close()


def test_what_another_process_stores_is_heard_by_whoever_may(
    server: Server, listen: Callable[..., Ear]
) -> None:
    (token, topic), (other, elsewhere) = server.begin(), server.begin()
    ear, stranger = listen(token), listen(other)
    server.publish(topic, 1, 2)
    server.publish(elsewhere, 3)
    assert [ref for _, ref in ear.hear(2)] == ["1", "2"]
    assert [ref for _, ref in stranger.hear(1)] == ["3"]


def test_a_bubble_that_nobody_asked_for_is_told_and_read(
    server: Server, listen: Callable[..., Ear]
) -> None:
    token, _ = server.begin()
    ear = listen(token)
    with server.database.transaction() as session:
        news = Outgoing("Chào ông/bà.", (Button("Xem", "track"),))
        assert web.append(session, news, chats.name_of(token), author="officer")
    ((_, ref),) = ear.hear(1)
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        answer = client.get(f"{server.url}/api/v1/chat/messages", params={"after": int(ref) - 1})
        (item,) = answer.json()["messages"]
        assert item.pop("at")
        assert item == {
            "id": int(ref), "author": "officer", "text": "Chào ông/bà.",
            "buttons": [{"label": "Xem", "payload": "track"}],
        }  # fmt: skip
        nothing = client.get(f"{server.url}/api/v1/chat/messages", params={"after": ref})
        assert nothing.json() == {"messages": []}


def test_whoever_may_not_is_refused(server: Server, listen: Callable[..., Ear]) -> None:
    assert listen("khong-co-that").status == 401
    token, _ = server.begin()
    ears = [listen(token, address="10.9.9.9") for _ in range(61)]
    assert [ear.status for ear in ears] == [200] * 60 + [429]


def test_a_restart_of_the_server_loses_nothing(server: Server, listen: Callable[..., Ear]) -> None:
    token, topic = server.begin()
    ear = listen(token)
    server.publish(topic, 1)
    ((last, _),) = ear.hear(1)
    took, complaints = server.stop()
    assert b"0\r\n\r\n" in ear.rest(), "the stream is ended properly"
    assert took < 3, f"open streams held up the end for {took:.1f} s"
    assert "error" not in complaints.lower(), complaints
    server.publish(topic, 2, 3)
    server.start()
    again = listen(token, last=str(last))
    assert [ref for _, ref in again.hear(2)] == ["2", "3"]
    server.publish(topic, 4)
    assert [ref for _, ref in again.hear(1)] == ["4"]


def test_two_hundred_listen_and_cost_next_to_nothing(
    server: Server, listen: Callable[..., Ear]
) -> None:
    """No thread and no connection to the database each; the memory is told, not judged."""
    token, topic = server.begin()
    first = listen(token)
    server.publish(topic, 0)
    first.hear(1)
    threads, files, memory = (
        server.status("Threads"),
        server.open_databases(),
        server.status("VmRSS"),
    )
    ears = [listen(token, address=f"10.1.{n % 8}.1") for n in range(LISTENERS)]
    server.publish(topic, 1)
    started = time.monotonic()
    assert {ref for ear in ears for _, ref in ear.hear(1)} == {"1"}
    spread = time.monotonic() - started
    more_threads = server.status("Threads") - threads
    each = (server.status("VmRSS") - memory) / LISTENERS
    print(f"\n{LISTENERS} listeners: {each:.0f} kB each, all told within {spread:.2f} s")
    # The loop's own pool may still grow by what admitted them; it does not grow with their number.
    assert more_threads <= 12
    assert server.open_databases() - files <= 12
    before = server.status("Threads"), server.open_databases()
    for n in range(LISTENERS):
        listen(token, address=f"10.2.{n % 8}.1")
    assert (server.status("Threads"), server.open_databases()) == before
