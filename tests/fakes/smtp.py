"""An SMTP catcher: takes letters on 127.0.0.1 and keeps them; mailboxes may refuse.

By hand: `python -m tests.fakes.smtp --port 8025`, then `SMTP_URL=smtp://127.0.0.1:8025`. In a test:

    with SmtpCatcher(refuse={"nobody@example.vn": 550}) as smtp:
        ...                     # SMTP_URL=smtp://127.0.0.1:{smtp.port}
        smtp.letters[0]["To"]
"""

import argparse
import email
import email.policy
import socketserver
import threading
import time
from collections.abc import Mapping
from email.message import EmailMessage
from types import TracebackType


class SmtpCatcher:
    """The server in threads of its own; `hang_up_after_data` drops the connection unanswered."""

    def __init__(
        self,
        *,
        refuse: Mapping[str, int] | None = None,
        hang_up_after_data: bool = False,
        port: int = 0,
    ) -> None:
        self.refuse = dict(refuse or {})
        self.hang_up_after_data = hang_up_after_data
        self.letters: list[EmailMessage] = []
        catcher = self

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                catcher._talk(self)

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", port), Conversation)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def __enter__(self) -> "SmtpCatcher":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def _talk(self, peer: socketserver.StreamRequestHandler) -> None:
        def say(line: str) -> None:
            peer.wfile.write(line.encode() + b"\r\n")

        say("220 catcher")
        while line := peer.rfile.readline().decode(errors="replace").strip():
            verb = line.split(":")[0].split(" ")[0].upper()
            if verb == "RCPT":
                address = line.partition(":")[2].strip(" <>").split(">")[0]
                code = self.refuse.get(address, 250)
                say(f"{code} {'ok' if code < 400 else 'no such mailbox here'}")
            elif verb == "DATA":
                say("354 go on")
                self.letters.append(_read(peer))
                if self.hang_up_after_data:
                    return
                say("250 taken")
            else:
                say("221 bye" if verb == "QUIT" else "250 catcher")


def _read(peer: socketserver.StreamRequestHandler) -> EmailMessage:
    lines = []
    while (line := peer.rfile.readline()) not in (b".\r\n", b""):
        lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
    parsed = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def main() -> None:
    """Print what comes until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.smtp")
    parser.add_argument("--port", type=int, default=8025)
    with SmtpCatcher(port=parser.parse_args().port) as smtp:
        print(f"SMTP_URL=smtp://127.0.0.1:{smtp.port}", flush=True)
        seen = 0
        while True:
            time.sleep(0.2)
            for letter in smtp.letters[seen:]:
                print(letter, flush=True)
                seen += 1


if __name__ == "__main__":
    main()
