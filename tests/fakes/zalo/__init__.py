"""A strict fake of Zalo: Official Account (OAuth, OpenAPI v3, ZBS, webhook) and Bot platform.

By hand, in two terminals:

    python -m tests.fakes.zalo --port 8082      # prints the settings that the product needs

then be a citizen with `curl`:

    curl -s 127.0.0.1:8082/_test/say -d '{"user": "u7", "text": "làm giấy khai sinh cần gì ạ"}'
    curl -s '127.0.0.1:8082/_test/messages?user=u7'

In a test it runs in a thread (`tests/bot/conftest.py` shows the settings):

    with FakeZalo(speed=100) as zalo:
        zalo.point("oa", "http://127.0.0.1:8000/webhooks/zalo")
        zalo.happen("say", user="u7", text="xin chào")
        zalo.texts("u7")

Checked as Zalo does, as far as it is known (docs of 2026, quoted by third parties):
* OAuth: the app, its secret, PKCE, codes good for ten minutes and once, refresh tokens good once
  (a second time is -14020), old access tokens dead when new ones are issued, `expires_in` divided
  by `speed`; refusals with HTTP 200;
* messages: token (-216), 2,000 characters (-210), five buttons of known types with titles of 100
  and payloads of 1,000 characters, lists of five elements with a picture first, recipients who
  wrote (-213) and did not leave, 48 hours and seven days (-230), the quota (-211), an account
  without money (-321);
* ZBS: template ids and exactly their fields, telephones as 84…, the night (-133, switched on by
  `night`), quota;
* webhook: signed, 200 wanted within two seconds, again after 30 s, 5, 15, 30 and 60 minutes
  (divided by `speed`), then switched off; everything that is sent is echoed (`oa_send_…`), before
  the answer to its sending where `echo_first` is set;
* Bot platform: `ok: false` with HTTP 200, 2,000 characters, no buttons, getUpdates that hands over
  one event and takes no confirmation, webhook and polling exclusive.

* files: only what was sent with `content`, by GET, without a word about what it is; else 404.

Not checked: pictures that the account sends, groups, tags, users' details, prices.

| `POST /_test/…` | body | what happens |
|---|---|---|
| `say` | `user`, `text`, `platform` (oa, bot) | a message |
| `send` | `user`, `kind` (image, gif, audio, …), `platform`, `content` (base64) or `url` | a file |
| `press` | `user`, `title` | the button with this title, which must be there, is pressed |
| `event` | `platform`, `event`: any JSON | is brought as it stands, signed |
| `follow`, `unfollow` | `user` | as it says; who leaves cannot be written to |
| `submit` | `user`, `phone` | the form that asks for a telephone is sent |
| `manager` | `user`, `text` | a person of the account answers in OA Manager |
| `rate` | `user`, `rate`, `note` | a rating |
| `age` | `user`, `hours` | the citizen was last here so many hours ago |
| `world` | `quota`, `night`, `balance`, `echo_first`, `expired` (the access token is over) | set |
| `webhook` | `platform`, `url` | where events are brought (oa: as its console does) |
| `fault` | `kind`, `where` (message, bot, file, …, *), `times`, `seconds`, `code`, `to` | below |

Faults: `500`, `502`, `429` (with `retry_after`, if any); `slow` answers after `seconds`;
`drop_before` hangs up and did nothing; `drop_after` does it and hangs up; `code` refuses with this
code; `moved` sends whoever wants a file to the address `to`. `DELETE /_test/fault` ends them.

`GET /_test/messages?user=` is what the account and the bot said there; `GET /_test/state` has
events pending, acknowledged and given up, every delivery with its status and milliseconds, how
often tokens were issued, ZBS messages, the webhooks.
"""

from typing import Any

from tests.fakes.serving import Served
from tests.fakes.zalo.server import app
from tests.fakes.zalo.world import APP, BOT_TOKEN, World

__all__ = ["APP", "BOT_TOKEN", "FakeZalo"]


class FakeZalo(Served):
    """The server in a thread of its own, and a hand on its controls."""

    def __init__(self, *, speed: float = 1.0) -> None:
        self.world = World(speed=speed)
        super().__init__(app(self.world))

    def settings(self) -> dict[str, str]:
        """What makes the product talk to this fake."""
        return self.world.settings(self.url)

    def happen(self, what: str, **given: Any) -> str:
        """Say, send, press, follow, fault…: see above; the id of the message, if it is one."""
        answer = self._client.post(f"/_test/{what}", json=given)
        answer.raise_for_status()
        return str(answer.json().get("id", ""))

    def point(self, platform: str, url: str) -> None:
        """Bring the events of a platform there."""
        self.happen("webhook", platform=platform, url=url)

    def messages(self, user: str) -> list[dict[str, Any]]:
        """What was said to this citizen, oldest first."""
        found: list[dict[str, Any]] = self._client.get(
            "/_test/messages", params={"user": user}
        ).json()
        return found

    def texts(self, user: str) -> list[str]:
        """The same, words only."""
        return [str(message.get("text", "")) for message in self.messages(user)]

    def state(self) -> dict[str, Any]:
        """Events, deliveries, tokens, ZBS messages, webhooks."""
        seen: dict[str, Any] = self._client.get("/_test/state").json()
        return seen

    def approve(self, url: str) -> str:
        """An administrator opens the product's log-in link and agrees: where they are sent then."""
        answer = self._client.get(url, follow_redirects=False)
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"])
