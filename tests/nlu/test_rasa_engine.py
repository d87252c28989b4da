"""The Rasa engine against recorded answers and a small server that misbehaves on purpose."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from backend import metrics
from backend.config import Settings
from bot import language
from nlu.engines.embedded import EmbeddedEngine
from nlu.engines.rasa import LARGEST, PAUSE, RasaEngine
from nlu.types import Understanding

RECORDED = Path(__file__).parents[1] / "payloads" / "rasa"
ANSWER = (RECORDED / "parse.json").read_bytes()
REFUSAL = (RECORDED / "unauthorized.json").read_bytes()
TOKEN = "mot-ma-bi-mat"
QUESTION = "làm khai sinh cần giấy tờ gì"


class FakeRasa(ThreadingHTTPServer):
    """Answers what it was told to, in pieces with a pause before each; keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.status = ANSWER, 200
        self.pause, self.pieces = 0.0, 1
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Speaks like Rasa 3.6: the token stands in the query."""

    server: FakeRasa
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        address = urlsplit(self.path)
        assert address.path == "/model/parse"
        self.server.asked.append(json.loads(body)["text"])
        known = parse_qs(address.query).get("token") == [TOKEN]
        answer = self.server.answer if known else REFUSAL
        if self.server.pieces == 1:
            time.sleep(self.server.pause)
        self.send_response(self.server.status if known else 401)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        try:
            self._write(answer)
        except OSError:
            self.close_connection = True  # the other side did not wait

    def _write(self, answer: bytes) -> None:
        size = len(answer) // self.server.pieces + 1
        for start in range(0, len(answer), size):
            self.wfile.write(answer[start : start + size])
            self.wfile.flush()
            if self.server.pieces > 1:
                time.sleep(self.server.pause)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[FakeRasa]:
    with FakeRasa() as fake:
        thread = threading.Thread(target=fake.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield fake
        fake.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained model, so that no test trains another."""
    made = tmp_path_factory.mktemp("model")
    EmbeddedEngine.load().model.save(made)
    return made


@pytest.fixture(scope="module")
def embedded(folder: Path) -> EmbeddedEngine:
    return EmbeddedEngine.load(folder)


class Clock:
    """Seconds that pass only when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def fell_back() -> list[str]:
    return []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def connect(
    folder: Path, fell_back: list[str], clock: Clock
) -> Iterator[Callable[..., RasaEngine]]:
    """Make an engine for this address and token."""
    made: list[RasaEngine] = []

    def build(url: str, token: str = TOKEN) -> RasaEngine:
        engine = RasaEngine.load(folder, url=url, token=token, fell_back=fell_back.append)
        engine._monotonic = clock
        made.append(engine)
        return engine

    yield build
    for engine in made:
        engine._client.close()


Connect = Callable[..., RasaEngine]


def but_for_times(understood: Understanding) -> Understanding:
    return replace(understood, timings={})


def test_intents_are_rasas_and_the_rest_is_ours(
    connect: Connect, server: FakeRasa, embedded: EmbeddedEngine, fell_back: list[str]
) -> None:
    ours = embedded.parse("hồ sơ H29.12-251120-0045 cần giấy tờ gì")
    understood = connect(server.url).parse("hồ sơ H29.12-251120-0045 cần giấy tờ gì")
    assert [i.name for i in understood.intents] == [
        "ask_procedure", "thanks", "track_dossier", "provocation", "follow_up",
    ]  # fmt: skip
    assert understood.intents[0].confidence == pytest.approx(0.958, abs=1e-3)
    kept = replace(ours, intents=understood.intents, band=understood.band, timings={})
    assert but_for_times(understood) == kept
    assert understood.entities
    assert understood.aspects
    assert understood.timings.keys() == {"rules", "model", "rasa"}
    assert fell_back == []


@pytest.mark.parametrize(
    ("confidence", "band"), [(0.9999, "answer"), (0.95, "confirm"), (0.2, "refuse")]
)
def test_band_follows_rasas_confidence(
    connect: Connect, server: FakeRasa, confidence: float, band: str
) -> None:
    ranking = [{"name": "greet", "confidence": confidence}]
    server.answer = json.dumps({"intent_ranking": ranking}).encode()
    assert connect(server.url).parse(QUESTION).band == band


def test_wrong_token_is_refused_and_costs_one_request(
    connect: Connect, server: FakeRasa, embedded: EmbeddedEngine, fell_back: list[str]
) -> None:
    engine = connect(server.url, token="sai")
    for _ in range(3):
        assert but_for_times(engine.parse(QUESTION)) == but_for_times(embedded.parse(QUESTION))
    assert fell_back == ["refused", "paused", "paused"]
    assert len(server.asked) == 1


def test_dead_server_costs_nothing_after_the_first_message(
    connect: Connect, embedded: EmbeddedEngine, fell_back: list[str]
) -> None:
    with FakeRasa() as gone:
        url = gone.url
    engine = connect(url)
    started = time.perf_counter()
    assert but_for_times(engine.parse(QUESTION)) == but_for_times(embedded.parse(QUESTION))
    assert time.perf_counter() - started < 1
    engine.parse(QUESTION)
    assert fell_back == ["down", "paused"]


@pytest.mark.parametrize(("pause", "pieces"), [(1.5, 1), (0.2, 12)], ids=["silent", "trickling"])
def test_slow_server_is_left_within_a_second(
    connect: Connect, server: FakeRasa, fell_back: list[str], pause: float, pieces: int
) -> None:
    server.pause, server.pieces = pause, pieces
    started = time.perf_counter()
    connect(server.url).parse(QUESTION)
    assert time.perf_counter() - started < 1
    assert fell_back == ["slow"]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>502</html>",
        b"[]",
        b"null",
        b"\xff",
        b'{"intent": {"name": "greet", "confidence": 1}}',
        b'{"intent_ranking": []}',
        b'{"intent_ranking": null}',
        b'{"intent_ranking": ["greet"]}',
        b'{"intent_ranking": [{"name": "greet"}]}',
        b'{"intent_ranking": [{"name": "greet", "confidence": "cao"}]}',
        b'{"intent_ranking": [{"name": "greet", "confidence": NaN}]}',
        b'{"intent_ranking": [{"name": "greet", "confidence": 7}]}',
        b'{"intent_ranking": [{"name": "of_another_bot", "confidence": 0.9}]}',
        b" " * (LARGEST + 1),
    ],
)
def test_nonsense_is_not_believed(
    connect: Connect,
    server: FakeRasa,
    embedded: EmbeddedEngine,
    fell_back: list[str],
    answer: bytes,
) -> None:
    server.answer = answer
    understood = connect(server.url).parse(QUESTION)
    assert but_for_times(understood) == but_for_times(embedded.parse(QUESTION))
    assert fell_back == ["garbled"]


def test_server_error_is_a_refusal(
    connect: Connect, server: FakeRasa, fell_back: list[str]
) -> None:
    server.status = 500
    connect(server.url).parse(QUESTION)
    assert fell_back == ["refused"]


def test_server_that_came_back_is_used_again(
    connect: Connect, server: FakeRasa, fell_back: list[str], clock: Clock
) -> None:
    engine = connect(server.url)
    server.status = 500
    engine.parse(QUESTION)
    clock.now += PAUSE - 1
    engine.parse(QUESTION)
    clock.now += 2
    engine.parse(QUESTION)  # still broken: another pause begins
    clock.now += PAUSE - 1
    engine.parse(QUESTION)
    assert fell_back == ["refused", "paused", "refused", "paused"]
    server.status = 200
    clock.now += 2
    assert "rasa" in engine.parse(QUESTION).timings
    assert "rasa" in engine.parse(QUESTION).timings
    assert len(fell_back) == 4
    assert len(server.asked) == 4


def test_one_message_tries_a_broken_server_and_the_others_do_not_wait(
    connect: Connect, server: FakeRasa, fell_back: list[str], clock: Clock
) -> None:
    engine = connect(server.url)
    server.status = 500
    engine.parse(QUESTION)
    clock.now += PAUSE + 1
    server.pause = 0.15
    together = [threading.Thread(target=engine.parse, args=[QUESTION]) for _ in range(5)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    assert sorted(fell_back) == ["paused"] * 4 + ["refused"] * 2
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        ('/self_harm{"a": 1}', 'self_harm{"a": 1}'),
        (" // khai sinh", "khai sinh"),
        ("gọi tôi số 0912345678 nhé", "gọi tôi số ••• nhé"),
    ],
)
def test_what_is_sent_is_no_command_and_names_no_number(
    connect: Connect, server: FakeRasa, message: str, sent: str
) -> None:
    connect(server.url).parse(message)
    assert server.asked == [sent]


@pytest.mark.parametrize("message", ["", " ", "/", " / "])
def test_nothing_said_is_nothing_asked(
    connect: Connect, server: FakeRasa, fell_back: list[str], message: str
) -> None:
    assert connect(server.url).parse(message).intents
    assert server.asked == fell_back == []


def test_settings_choose_the_engine_and_fallbacks_are_counted(
    server: FakeRasa, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "nlu").symlink_to(folder)
    chosen: dict[str, Any] = {"var_dir": tmp_path, "nlu_engine": "rasa", "rasa_url": server.url}
    monkeypatch.setattr(language, "settings", lambda: Settings(**chosen, rasa_token=TOKEN))
    engine = language.load(None).engine
    assert isinstance(engine, RasaEngine)
    before = metrics.ENGINE_FALLBACKS._value.get()
    assert "rasa" in engine.parse(QUESTION).timings
    server.answer = b"?"
    engine.parse(QUESTION)
    engine.parse(QUESTION)
    engine._client.close()
    assert metrics.ENGINE_FALLBACKS._value.get() - before == 2
