"""`make eval`: how right the assistant is on the shared questions, by the product's own commands.

A fresh database in a temporary folder is prepared like any release, the shared procedures are
imported, `python -m bot ask --jsonl` answers, `nlu.evaluate` scores. Only scores are printed.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))
PROCEDURES = ("national.jsonl.gz", "missing_ministries.jsonl", "code_names.tsv")
QUESTIONS = ("questions.jsonl", "dialogues.jsonl")


def main() -> int:
    """Prepare, import, ask, score."""
    if not SHARED.is_dir():
        print(f"Không có dữ liệu dùng chung ở {SHARED}; đặt SHARED_DATA rồi chạy lại.")
        return int(os.environ.get("CI") == "true")
    with tempfile.TemporaryDirectory(prefix="motcua-eval-") as name:
        folder = Path(name)
        os.environ |= {"VAR_DIR": name, "DATABASE_URL": "", "ENVIRONMENT": "development"}
        ours("backend", "prepare")
        ours(
            "backend", "procedures", "import", "--apply",
            *(str(SHARED / "procedures" / file) for file in PROCEDURES),
        )  # fmt: skip
        for file in QUESTIONS:
            with (SHARED / "questions" / file).open() as asked, (folder / file).open("w") as said:
                ours("bot", "ask", "--jsonl", stdin=asked, stdout=said)
        gold, answers = SHARED / "questions", folder
        ours(
            "nlu.evaluate", str(gold / QUESTIONS[0]), str(answers / QUESTIONS[0]),
            "--dialogues", str(gold / QUESTIONS[1]), str(answers / QUESTIONS[1]), stdout=None,
        )  # fmt: skip
    return 0


def ours(module: str, *arguments: str, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) -> None:
    """Run one command of the product; its failure is ours."""
    subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdin=stdin, stdout=stdout, check=True
    )


if __name__ == "__main__":
    sys.exit(main())
