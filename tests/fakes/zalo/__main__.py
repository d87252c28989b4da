"""`python -m tests.fakes.zalo --port 8082`: the fake by itself, to be talked to by hand."""

import argparse

import uvicorn

from tests.fakes.zalo.server import app
from tests.fakes.zalo.world import World


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.zalo", description=__doc__)
    parser.add_argument("--port", type=int, default=8082)
    parser.add_argument("--speed", type=float, default=1.0, help="of retries and of token lives")
    parser.add_argument("--product", default="http://127.0.0.1:8000", help="where webhooks go")
    wanted = parser.parse_args()
    world = World(speed=wanted.speed)
    world.webhooks["oa"].url = f"{wanted.product}/webhooks/zalo"
    for name, value in world.settings(f"http://127.0.0.1:{wanted.port}").items():
        print(f"{name}={value}")
    print(f"# then log in: python -m bot zalo login (or {wanted.product}/quan-tri/zalo)")
    uvicorn.run(app(world), port=wanted.port, log_level="warning", ws="none")


if __name__ == "__main__":
    main()
