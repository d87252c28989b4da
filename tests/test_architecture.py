"""The house rules that import-linter and ruff cannot say; each names its reason when it breaks."""

import ast
import re
import statistics
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("backend", "bot", "lms", "nlu")
LONGEST = 400
MEDIAN = 120


@dataclass(frozen=True)
class Rule:
    """What may stand only in the files allowed, why, and a line that proves the rule bites."""

    name: str
    reason: str
    finds: Callable[[ast.AST], bool]
    example: str
    allowed: tuple[str, ...] = ()
    within: str = "*"


def call_of(node: ast.AST) -> str:
    """`a.b.c` of a call of a.b.c(…), else nothing."""
    return dotted(node.func) if isinstance(node, ast.Call) else ""


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def commits(node: ast.AST) -> bool:
    """`session.rollback` handed over as a value counts too."""
    return isinstance(node, ast.Attribute) and node.attr in ("commit", "rollback")


def asks_the_time(node: ast.AST) -> bool:
    asked = dotted(node) if isinstance(node, ast.Attribute) else ""
    return asked.removeprefix("datetime.") in (
        "now", "utcnow", "today", "datetime.now", "date.today", "time.time",
    ) or asked in ("date.today", "time.time", "time.time_ns")  # fmt: skip


def reads_environment(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and dotted(node) in ("os.environ", "os.getenv")


def prints(node: ast.AST) -> bool:
    return call_of(node) == "print"


def takes_session_late(node: ast.AST) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
        return False
    names = [arg.arg for arg in node.args.posonlyargs + node.args.args if arg.arg != "self"]
    elsewhere = [arg.arg for arg in node.args.kwonlyargs]
    return "session" in elsewhere or ("session" in names and names[0] != "session")


def loads_silently(node: ast.AST) -> bool:
    if call_of(node).split(".")[-1] != "relationship":
        return False
    assert isinstance(node, ast.Call)
    return not any(
        k.arg == "lazy" and isinstance(k.value, ast.Constant) and k.value.value == "raise"
        for k in node.keywords
    )


def injects_a_session(node: ast.AST) -> bool:
    if call_of(node) != "Depends":
        return False
    assert isinstance(node, ast.Call)
    return (
        bool(node.args)
        and re.search("session|transaction|reading", dotted(node.args[0])) is not None
    )


def imports_ours(node: ast.AST) -> bool:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    if isinstance(node, ast.ImportFrom):
        names = [node.module or "."]
    return any(name.split(".")[0] in PACKAGES for name in names)


RULES = [
    Rule(
        "commit",
        "Edges commit, through backend.db.transaction(); nobody else does.",
        commits,
        "session.commit()",
        allowed=("backend/db.py", "backend/migrations/env.py"),
    ),
    Rule(
        "time",
        "Only backend.clock asks the time, so that tests can move it.",
        asks_the_time,
        "datetime.now(UTC)",
        allowed=("backend/clock.py",),
    ),
    Rule(
        "environment",
        "Settings are read once, by backend.config, so that one table lists them all.",
        reads_environment,
        "os.environ['X']",
        allowed=("backend/config.py",),
    ),
    Rule(
        "print",
        "Command lines print; everything else logs events or returns values.",
        prints,
        "print(1)",
        allowed=("*/__main__.py", "*/cli.py", "backend/runner.py", "backend/install.py"),
    ),
    Rule(
        "session first",
        "A service reads as verb(session, who, what): the session always comes first.",
        takes_session_late,
        "def find(code, session): ...",
        allowed=("backend/db.py", "backend/migrations/*"),
    ),
    Rule(
        "lazy loading",
        'Every relationship says lazy="raise": a query nobody asked for must fail in tests.',
        loads_silently,
        "relationship(back_populates='x')",
    ),
    Rule(
        "no session by Depends",
        "Routes open their own transaction: FastAPI ends a dependency after it has answered, and "
        "one that waits for SQLite's lock keeps a thread that the lock's owner needs.",
        injects_a_session,
        "Depends(request_session)",
    ),
    Rule(
        "migrations",
        "A migration must still run when the code it was written beside has changed.",
        imports_ours,
        "from backend.db import Base",
        within="backend/migrations/versions/*",
    ),
]


def modules(*folders: str) -> dict[str, str]:
    """Every module of these folders by its path, with its text."""
    files = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    found = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in files}
    return {path: text for path, text in found.items() if not path.startswith("nlu/rasa/")}


OURS = modules(*PACKAGES)
TREES = {path: ast.parse(text) for path, text in OURS.items()}


def matches(path: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_is_kept(rule: Rule) -> None:
    broken = [
        f"{path}:{getattr(node, 'lineno', 0)}"
        for path, tree in TREES.items()
        if matches(path, [rule.within]) and not matches(path, rule.allowed)
        for node in ast.walk(tree)
        if rule.finds(node)
    ]
    assert not broken, f"{rule.reason}\n" + "\n".join(broken)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_would_notice(rule: Rule) -> None:
    assert any(rule.finds(node) for node in ast.walk(ast.parse(rule.example)))


def test_files_stay_small() -> None:
    """Migrations are written by the machine and read once."""
    lengths = {
        path: text.count("\n")
        for path, text in (OURS | modules("tests")).items()
        if not path.startswith("backend/migrations/versions/")
    }
    too_long = {path: length for path, length in lengths.items() if length > LONGEST}
    assert not too_long, f"split them where a reader would pause: {too_long}"
    typical = statistics.median(length for length in lengths.values() if length)
    assert typical <= MEDIAN, f"half of all files have more than {typical} lines"


def test_exceptions_to_the_tools_give_a_reason() -> None:
    """`# noqa: X (why)`, `# type: ignore[x]  # why`, or a comment on the line above.

    The first of a kind explains the others of its file; N818 is about names, which explain
    themselves.
    """
    bare = re.compile(
        r"# noqa(?!: N818)(?!: [A-Z0-9, ]+ \(\S)|# type: ignore(?!\[[\w, -]+\]  # \S)"
    )
    broken = []
    for path, text in OURS.items():
        seen, above = set(), ""
        for number, line in enumerate(text.splitlines(), start=1):
            kind = tuple(re.findall(r"# noqa: (\w+)|# type: ignore\[([\w-]+)", line))
            if bare.search(line) and kind not in seen and not above.startswith("#"):
                broken.append(f"{path}:{number}: {line.strip()}")
            seen.add(kind)
            above = line.strip()
    assert not broken, "say why the tool is wrong here:\n" + "\n".join(broken)


def named_jobs(verbs: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(name, where) of each job named in a call of one of these verbs."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or call_of(node).split(".")[-1] not in verbs:
                continue
            for argument in node.args[:2]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value, f"{path}:{node.lineno}"


def test_every_job_that_is_enqueued_has_a_handler() -> None:
    """The name is the only bridge between packages, so both ends are checked."""
    from backend import jobs
    from backend.main import PARTS

    assert PARTS, "main imports every handler"
    enqueued = dict(named_jobs(("enqueue",)))
    orphans = {name: where for name, where in enqueued.items() if name not in jobs.HANDLERS}
    assert enqueued, "nothing is enqueued: this test looks in the wrong place"
    assert not orphans, f"nobody would run these: {orphans}"


def test_every_job_is_enqueued_somewhere() -> None:
    from backend.main import PARTS

    written = {
        node.value
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    registered = dict(named_jobs(("job", "send")))
    used = dict(named_jobs(("enqueue",))).keys() | {n for part in PARTS for n in part.periodic}
    named = {name: where for name, where in registered.items() if "." in name}
    idle = {n: where for n, where in named.items() if n not in used and n not in written}
    assert not idle, f"nobody ever asks for these: {idle}"


def test_nothing_names_a_workplace() -> None:
    """Paths of one person's machine mean nothing on another."""
    private = re.compile(r"(?<![\w.])/(home|Users|work|root)/\w")
    kinds = ("*.py", "*.md", "*.toml", "*.yml", "*.txt", "*.html", "*.js", "Makefile", "run")
    skipped = (".venv", ".git", "var", "node_modules")
    broken = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in ROOT.rglob("*")
        if path.is_file()
        and not path.relative_to(ROOT).parts[0].startswith(skipped)
        and matches(path.name, kinds)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if private.search(line)
    ]
    assert not broken, broken
