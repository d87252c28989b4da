"""The server: Rasa's own HTTP API on loopback, with a token, and only the part of it that we use.

Whoever may load a model may run code (CVE-2024-49375): loading, training, conversations and the
rest of Rasa's API are refused here even to those who know the token. Runs in Rasa's Python 3.10:
`python -m nlu.rasa.server MODEL PORT`, the token in `RASA_TOKEN`, where no process list shows it.
"""

import logging
import os
import sys
from functools import partial

from rasa.core import run
from rasa.utils.common import configure_logging_and_warnings
from rasa.utils.log_utils import configure_structlog
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

USED = {("GET", "/status"), ("POST", "/model/parse")}
LARGEST = 64_000  # bytes of a request


def main(model: str, port: int) -> None:
    """Load the model and serve it until a signal."""
    # Unless told otherwise Rasa prints every message; what citizens write is nobody's reading.
    configure_logging_and_warnings(logging.WARNING)
    configure_structlog(logging.WARNING)
    app = run.configure_app(auth_token=os.environ["RASA_TOKEN"], enable_api=True, port=port)
    app.config.REQUEST_MAX_SIZE = LARGEST
    app.register_middleware(only_what_is_used, "request")
    app.register_listener(partial(load, model), "before_server_start")
    app.run(host="127.0.0.1", port=port, workers=1, access_log=False)


async def load(model: str, app: Sanic, loop: object) -> None:
    """A server without its model is no use: better none."""
    agent = await run.load_agent_on_start(model, None, None, app, loop)
    if not agent.is_ready():
        sys.exit(f"{model}: không nạp được mô hình")
    await agent.parse_message("xin chào")  # the first answer is slow: better now


def only_what_is_used(request: Request) -> HTTPResponse | None:
    """Refuse everything else."""
    if (request.method, request.path) in USED:
        return None
    return json({"status": "failure", "reason": "NotServed"}, status=403)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
