"""`python -m nlu.rasa`: build Rasa's environment, train on our examples, serve on loopback."""

import argparse
import os
import shlex
import signal
import sys
from pathlib import Path

from nlu.rasa import home, training


def main() -> int:
    """What is missing is made; then the server runs until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m nlu.rasa", description=__doc__)
    parser.add_argument("upto", nargs="?", choices=("build", "train", "serve"), default="serve")
    parser.add_argument("--port", type=int, default=int(os.environ.get("RASA_PORT") or home.PORT))
    options = parser.parse_args()
    try:
        print(f"Rasa ở {home.HOME}: dựng môi trường Python 3.10 nếu chưa có (2,7 GB)…", flush=True)
        home.build()
        if options.upto == "build":
            return 0
        print("Huấn luyện trên nlu/data nếu có gì đổi (vài phút đến vài chục phút)…", flush=True)
        model = training.train()
        print(f"Mô hình: {model}", flush=True)
        return serve(model, options.port) if options.upto == "serve" else 0
    except home.CannotRunError as error:
        print(error, file=sys.stderr)
        return 1


def serve(model: Path, port: int) -> int:
    """Serve until somebody stops it; how to use it is said first."""
    given = "RASA_TOKEN" in os.environ
    secret = home.token()
    kept = "RASA_TOKEN=…" if given else f"RASA_TOKEN_FILE={shlex.quote(str(home.TOKEN))}"
    print(f"Dùng: NLU_ENGINE=rasa RASA_URL=http://127.0.0.1:{port} {kept} make run", flush=True)
    server = home.serve(model, port=port, secret=secret)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        return server.wait()
    except KeyboardInterrupt:
        return server.wait()  # Ctrl-C reached it too


if __name__ == "__main__":
    sys.exit(main())
