"""Asks a Rasa server which intent a message has; all else, and all when it fails, is the embedded
engine's.

Rules find codes, aspects and the subject; Rasa only ranks intents. A server that is down, slow or
talks nonsense costs one message well under a second, then nothing: it is asked again after
`PAUSE` seconds. What leaves the process is masked, and never begins with "/", which Rasa would
obey as a command.
"""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from nlu.engines.embedded import SHOWN, EmbeddedEngine
from nlu.types import Intent, Understanding

PAUSE = 30.0  # seconds between two attempts at a server that failed
# A connection, then silence up to `read` between two pieces, then `DEADLINE` over all of them.
TIMEOUT = httpx.Timeout(connect=0.3, write=0.1, read=0.4, pool=0.1)
DEADLINE = 0.5
LARGEST = 100_000  # bytes of an answer
# From which of Rasa's confidences to act, and to ask first. DIET is surer than right: at no
# confidence is it right as often as the embedded engine must be to act (`make bench-rasa`, bands),
# so only near certainty counts.
ACT, ASK = 0.999, 0.9


class NoAnswerError(Exception):
    """The server gave nothing usable; the reason is one of down, slow, refused, garbled."""


class RasaEngine:
    """Understands messages with an embedded engine's rules and a Rasa server's intents."""

    name = "rasa"

    def __init__(
        self,
        embedded: EmbeddedEngine,
        client: httpx.Client,
        *,
        fell_back: Callable[[str], object] = lambda reason: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._embedded = embedded
        self._client = client
        self._fell_back = fell_back
        self._monotonic = monotonic
        self._known = frozenset(embedded.model.intents)
        self._lock = threading.Lock()
        self._closed_until = float("-inf")

    @classmethod
    def load(
        cls,
        folder: Path | None = None,
        *,
        url: str = "http://127.0.0.1:5005",
        token: str = "",
        fell_back: Callable[[str], object] = lambda reason: None,
    ) -> "RasaEngine":
        """The embedded model of `folder`, and a server; `fell_back` hears why it was not used."""
        client = httpx.Client(
            base_url=url,
            params={"token": token},
            timeout=TIMEOUT,
            trust_env=False,  # a proxy between us and loopback helps nobody
            # Rasa closes idle connections after five seconds: be the first to let go.
            limits=httpx.Limits(keepalive_expiry=2.0),
        )
        return cls(EmbeddedEngine.load(folder), client, fell_back=fell_back)

    def parse(self, text: str) -> Understanding:
        """Understand one message."""
        meaning = self._embedded.parse(text)
        said = meaning.text.lstrip("/ \n")
        if not said:
            return meaning
        started = time.perf_counter()
        try:
            intents = self._intents(said)
        except NoAnswerError as failure:
            self._fell_back(str(failure))
            return meaning
        spent = {"rasa": (time.perf_counter() - started) * 1e3}
        return Understanding(
            **{
                **meaning.__dict__,
                "intents": intents,
                "band": _band(intents[0].confidence),
                "timings": meaning.timings | spent,
            }
        )

    def _intents(self, text: str) -> tuple[Intent, ...]:
        """What the server says, unless it failed a moment ago."""
        with self._lock:
            now = self._monotonic()
            if now < self._closed_until:
                raise NoAnswerError("paused")
            probing = self._closed_until > float("-inf")
            if probing:  # one message tries; the others do not wait for it
                self._closed_until = now + PAUSE
        try:
            intents = self._read(self._ask(text))
        except NoAnswerError:
            with self._lock:
                self._closed_until = self._monotonic() + PAUSE
            raise
        if probing:
            with self._lock:
                self._closed_until = float("-inf")
        return intents

    def _ask(self, text: str) -> bytes:
        started = time.monotonic()
        answer = bytearray()
        try:
            with self._client.stream("POST", "/model/parse", json={"text": text}) as response:
                if response.status_code != httpx.codes.OK:
                    raise NoAnswerError("refused")
                for piece in response.iter_bytes():
                    answer += piece
                    if time.monotonic() - started > DEADLINE:
                        raise NoAnswerError("slow")
                    if len(answer) > LARGEST:
                        raise NoAnswerError("garbled")
        except httpx.ConnectTimeout as error:
            raise NoAnswerError("down") from error
        except httpx.TimeoutException as error:
            raise NoAnswerError("slow") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswerError("down") from error
        return bytes(answer)

    def _read(self, answer: bytes) -> tuple[Intent, ...]:
        """The ranking in an answer; one with an intent that we do not know is of another bot."""
        try:
            ranking: list[dict[str, Any]] = json.loads(answer)["intent_ranking"]
            found = [Intent(str(one["name"]), float(one["confidence"])) for one in ranking]
        except (ValueError, LookupError, TypeError) as error:
            raise NoAnswerError("garbled") from error
        sound = all(one.name in self._known and 0 <= one.confidence <= 1 for one in found)
        if not found or not sound:
            raise NoAnswerError("garbled")
        return tuple(sorted(found, key=lambda one: -one.confidence)[:SHOWN])


def _band(confidence: float) -> str:
    return "answer" if confidence >= ACT else "confirm" if confidence >= ASK else "refuse"
