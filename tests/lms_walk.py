"""`python -m tests.lms_walk FOLDER`: learning on a telephone, with a picture of each page.

A learner goes from the log-in to a certificate that another machine checks, the network being cut
at random in the quiz; a trainer from a Word file to an open quiz; a head from the report to the
names of who is missing. The product is a process of its own on SQLite, the browser Chromium, the
screen 360 by 740. The folder gets the pictures and `tong-quan.jpg`, all of them on one sheet.
"""

import argparse
import base64
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser

from backend import db
from backend.db import Database
from tests import learning_figures
from tests.browser import learning, walks
from tests.chaos_quiz import browser
from tests.served import Server

SHEET = "tong-quan.jpg"


def walk(chromium: Browser, site: str, folder: Path, *, seed: int) -> list[str]:
    """All journeys; a line for each."""
    shoot = walks.pictures(folder)
    learned = walks.learner(chromium, site, shoot=shoot, dice=random.Random(seed))
    with tempfile.TemporaryDirectory() as paper:
        taught = walks.trainer(chromium, site, Path(paper), shoot=shoot)
    looked = walks.head(chromium, site, shoot=shoot)
    return [
        f"learner, log-in to certificate checked elsewhere: done; {'; '.join(learned.notes)}",
        f"trainer, Word file to open quiz of eight: {taught.taps} taps, {taught.seconds:.1f} s",
        f"head, report to names of who is missing: {looked.taps} taps, {looked.seconds:.1f} s",
        "(seconds of the product and of a browser that types at once)",
    ]


def contact_sheet(chromium: Browser, folder: Path) -> None:
    """All pictures small on one."""
    figures = "".join(
        f"<figure><img src='data:image/png;base64,{base64.b64encode(one.read_bytes()).decode()}'>"
        f"<figcaption>{one.stem}</figcaption></figure>"
        for one in sorted(folder.glob("*.png"))
    )
    style = (
        "body{display:grid;grid-template-columns:repeat(5,180px);gap:12px;font:12px sans-serif;"
        "background:#eee;width:max-content}figure{margin:0}img{width:180px;border:1px solid #999}"
    )
    page = chromium.new_page(viewport={"width": 990, "height": 800})
    page.set_content(f"<style>{style}</style>{figures}")
    page.screenshot(path=folder / SHEET, full_page=True, type="jpeg", quality=60)
    page.close()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lms_walk", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="keep the figures")
    wanted = parser.parse_args(arguments)
    for old in wanted.folder.glob("[0-9][0-9]-*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        db.use(Database(f"sqlite:///{Path(folder) / 'motcua.db'}"))
        try:
            learning.make_school()
            walks.make_staff()
            with browser() as chromium:
                lines = walk(chromium, server.url, wanted.folder, seed=wanted.seed)
                contact_sheet(chromium, wanted.folder)
        finally:
            server.stop()
    learning_figures.report("python -m tests.lms_walk", lines, write=wanted.write)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
