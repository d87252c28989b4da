"""One-time codes on their way: the gateway, the mail server, and what happens when they fail."""

import asyncio
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, get_args

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from backend import clock as now_is
from backend import config, db, jobs
from backend.config import settings
from backend.dossiers import challenges, senders
from backend.dossiers.models import LookupChallenge
from backend.dossiers.senders import SENDERS
from backend.jobs import Claimed, Resend
from tests.cast import CODE, LAN, UNKNOWN_CODE, make_dossier


class Gateway(HTTPServer):
    """A text message gateway that remembers what it was given."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), GatewayCall)
        self.answer = 200
        self.taken: list[tuple[str, dict[str, str]]] = []


class GatewayCall(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.taken.append((self.headers["authorization"], body))
        if self.server.answer:
            self.send_response(self.server.answer)
            self.end_headers()

    def log_message(self, *_: object) -> None: ...


class MailServer(socketserver.TCPServer):
    """As much of SMTP as a letter needs."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), MailCall)
        self.letters: list[str] = []


class MailCall(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 ready")
        for line in self.rfile:
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.letters.append(b"".join(lines).decode())
            if verb == b"QUIT":
                self.say("221 bye")
                break
            self.say("250 ok")

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@pytest.fixture
def serve() -> Iterator[Callable[..., Any]]:
    running = []

    def start(server):
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def set_up(monkeypatch) -> Iterator[Callable[..., None]]:
    def apply(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        config.settings.cache_clear()

    yield apply
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture
def by_sms(serve, set_up) -> Gateway:
    gateway: Gateway = serve(Gateway())
    url = f"http://127.0.0.1:{gateway.server_port}/send"
    set_up(CODE_SENDER="sms", SMS_GATEWAY_URL=url, SMS_GATEWAY_KEY="khoa")
    return gateway


def asked(code: str = CODE) -> Claimed:
    """A citizen asked for a code; the job as a worker claims it."""
    with db.transaction() as session:
        if code == CODE:
            make_dossier(session).email = "lan@example.vn"
        challenges.ask(session, code, LAN.chat, address="203.0.113.7", now=now_is.now())
    with db.transaction() as session:
        return jobs.claim(session, "test", limit=1)[0]


def code_sent() -> str:
    with db.reading() as session:
        return challenges.one_time_code(session.scalars(select(LookupChallenge)).one().salt)


def send(job: Claimed) -> None:
    async def sending() -> None:
        await senders.send_code(job)

    asyncio.run(sending())


def test_a_text_message_without_names(database, clock, by_sms):
    send(asked())
    [(authorization, body)] = by_sms.taken
    assert authorization == "Bearer khoa"
    assert body["to"] == LAN.phone
    assert code_sent() in body["text"]
    assert body["text"].isascii()
    assert len(body["text"]) <= 160, "one message, not two"
    assert LAN.name not in body["text"]
    assert CODE not in body["text"]


def test_nothing_is_sent_for_an_unknown_dossier_or_too_late(database, clock, by_sms):
    send(asked(UNKNOWN_CODE))
    job = asked()
    clock.move(minutes=11)
    send(job)
    assert by_sms.taken == []


@pytest.mark.parametrize(
    ("answer", "failure"), [(400, jobs.GiveUp), (503, jobs.Unknown), (0, jobs.Unknown)]
)
def test_a_gateway_that_fails(database, clock, by_sms, answer, failure):
    by_sms.answer = answer
    with pytest.raises(failure):
        send(asked())


def test_a_gateway_that_is_away_is_tried_again(database, clock, set_up):
    set_up(CODE_SENDER="sms", SMS_GATEWAY_URL="http://127.0.0.1:9/send")
    with pytest.raises(Exception, match="onnect"):
        send(asked())


def test_a_letter(database, clock, serve, set_up):
    server = serve(MailServer())
    url = f"smtp://127.0.0.1:{server.server_address[1]}"
    set_up(CODE_SENDER="email", SMTP_URL=url, MAIL_FROM="motcua@example.vn")
    send(asked())
    from email import message_from_string
    from email.policy import default

    letter = message_from_string(server.letters[0], policy=default)
    assert letter["To"] == "lan@example.vn"
    assert letter["Subject"] == "Mã xác nhận để mở hồ sơ đuôi 0001"
    assert code_sent() in letter.get_content()
    assert LAN.name not in letter.as_string()


def test_the_log_is_for_development(database, clock):
    assert settings().code_sender == "log"
    with capture_logs() as lines:
        send(asked())
    assert code_sent() in str(lines)
    assert LAN.phone not in str(lines)


def test_a_code_that_may_have_been_sent_is_never_sent_again():
    assert jobs.HANDLERS["dossiers.send_code"].resend is Resend.NEVER


def test_every_sender_can_be_chosen():
    chosen = get_args(config.Settings.model_fields["code_sender"].annotation)
    assert set(chosen) == set(SENDERS)
