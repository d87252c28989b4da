"""`python -m tests.fakes.telegram --port 8081`: the fake by itself, to be talked to by hand."""

import argparse

import uvicorn

from tests.fakes.telegram.server import app
from tests.fakes.telegram.world import TOKEN, World


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.telegram", description=__doc__)
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--token", default=TOKEN, help="the only token it knows")
    parser.add_argument("--speed", type=float, default=1.0, help="of the webhook's retries")
    wanted = parser.parse_args()
    print(f"TELEGRAM_API_BASE=http://127.0.0.1:{wanted.port} TELEGRAM_BOT_TOKEN={wanted.token}")
    server = app(World(token=wanted.token, speed=wanted.speed))
    uvicorn.run(server, port=wanted.port, log_level="warning", ws="none")


if __name__ == "__main__":
    main()
