"""As people do it: log in, write on Zalo, be answered by real processes, on both platforms."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import MODEL, ROOT, SERVER
from tests.database import empty
from tests.fakes.zalo import FakeZalo
from tests.kill import Product, _free_port, running

pytestmark = pytest.mark.slow
LAN, TED = "5510185758261927916", "6ede9afa66b88fe6d6a9"
HOTLINE = "02903831345"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """An empty database for processes of their own: SQLite, or one on the server under test."""
    folder = tmp_path_factory.mktemp("zalo-database")
    database = empty(SERVER, f"motcua_{worker_id}_live", folder)
    yield database.engine.url.render_as_string(hide_password=False)
    database.close()


@pytest.fixture(scope="module")
def zalo(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeZalo]:
    """Zalo, and web and worker that were logged in from the command line."""
    folder = tmp_path_factory.mktemp("zalo")
    (folder / "nlu").symlink_to(MODEL, target_is_directory=True)
    with FakeZalo(speed=20) as fake:
        fake.world.lives = 90_000 * 20
        product = Product(folder, address, "", _free_port())
        product.environment |= fake.settings() | {"TELEGRAM_BOT_TOKEN": "", "HOTLINE": HOTLINE}
        with running(product):
            log_in(product, fake)
            fake.happen("world", quota=10_000)
            fake.point("oa", f"http://127.0.0.1:{product.port}/webhooks/zalo")
            yield fake


def log_in(product: Product, zalo: FakeZalo) -> None:
    command = [sys.executable, "-m", "bot", "zalo", "login"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=product.environment, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    url = next(line.strip() for line in process.stdout if line.startswith("http"))
    assert urlsplit(url).path == "/v4/oa/permission"
    said, _ = process.communicate(zalo.approve(url) + "\n", timeout=60)
    assert "logged in" in said
    assert process.returncode == 0


def wait(what: Callable[[], Any], seconds: float = 60) -> Any:
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, "nothing came"
        time.sleep(0.05)
    return found


def answered(zalo: FakeZalo, user: str, **said: Any) -> dict[str, Any]:
    """What the product says next to this citizen, once all of it has come."""
    before = len(zalo.messages(user))
    zalo.happen(said.pop("what", "say"), user=user, **said)
    wait(lambda: len(zalo.messages(user)) > before)
    wait(lambda: not zalo.state()["pending"])
    time.sleep(0.5)
    found: dict[str, Any] = zalo.messages(user)[-1]
    return found


def test_a_citizen_is_answered_on_the_official_account(zalo: FakeZalo) -> None:
    greeting = answered(zalo, LAN, text="xin chào")
    buttons = greeting["attachment"]["payload"]["buttons"]
    assert 1 <= len(buttons) <= 5
    pressed = answered(zalo, LAN, what="press", title=buttons[0]["title"])
    assert pressed["text"] != greeting["text"]
    state = zalo.state()
    assert {status for _, status, _ in state["deliveries"]} == {200}
    assert max(took for _, _, took in state["deliveries"]) < 2000


def test_the_same_event_brought_again_is_answered_once(zalo: FakeZalo) -> None:
    user = "nguoi-gui-hai-lan"
    answered(zalo, user, text="xin chào")
    count = len(zalo.messages(user))
    body = {
        "app_id": zalo.settings()["ZALO_APP_ID"], "event_name": "user_send_text",
        "sender": {"id": user}, "recipient": {"id": "oa"},
        "message": {"text": "cảm ơn", "msg_id": "lap-lai-1"},
        "timestamp": str(int(time.time() * 1000)),
    }  # fmt: skip
    for _ in range(3):
        zalo.happen("event", event=body)
    wait(lambda: len(zalo.messages(user)) > count)
    wait(lambda: not zalo.state()["pending"])
    time.sleep(1)
    assert len(zalo.messages(user)) == count + 1


def test_the_assistant_is_silent_while_a_colleague_answers_in_oa_manager(zalo: FakeZalo) -> None:
    user = "nguoi-gap-can-bo"
    answered(zalo, user, text="xin chào")
    zalo.happen("manager", user=user, text="Chào chị, tôi là Minh, cán bộ một cửa.")
    wait(lambda: not zalo.state()["pending"])
    count = len(zalo.messages(user))
    zalo.happen("say", user=user, text="dạ em hỏi giấy khai sinh")
    wait(lambda: not zalo.state()["pending"])
    time.sleep(3)
    assert len(zalo.messages(user)) == count


def test_a_token_that_ends_in_mid_talk_is_noticed_by_nobody(zalo: FakeZalo) -> None:
    before = zalo.state()["refreshed"]
    zalo.happen("world", expired=True)
    assert answered(zalo, "nguoi-moi", text="lệ phí đăng ký kết hôn bao nhiêu")["text"]
    assert zalo.state()["refreshed"] == before + 1


def test_a_citizen_is_answered_on_the_bot_platform(zalo: FakeZalo) -> None:
    wait(lambda: zalo.state()["webhooks"]["bot"]["url"])
    greeting = answered(zalo, TED, text="xin chào", platform="bot")
    assert "\n1. " in greeting["text"]
    assert "attachment" not in greeting
    picked = answered(zalo, TED, text="1", platform="bot")
    assert picked["text"] != greeting["text"]


def test_what_zalo_withholds_gets_the_telephone_of_the_centre(zalo: FakeZalo) -> None:
    wait(lambda: zalo.state()["webhooks"]["bot"]["url"])
    said = answered(zalo, "tre-em", what="send", kind="unsupported", platform="bot")["text"]
    assert "".join(c for c in said if c.isdigit()).startswith(HOTLINE)
