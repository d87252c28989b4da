"""A browser without a screen that checks every page it is shown.

`page.get("/ho-so")` asserts, besides the status: valid HTML5, one h1 that begins the title, a
language, unique ids, labels, alternative texts, forms a person can send, nothing inline that the
Content-Security-Policy would block, nothing that a template forgot, NFC text, a query budget.
`page.post("/ho-so", code="…")` sends the form of that action from the page shown last, hidden
fields included, as a person would, and follows the redirect.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from urllib.parse import urldefrag, urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from fastapi.testclient import TestClient
from html5lib.html5parser import ParseError
from httpx2 import Response

CSRF = "form_token"
QUERIES = 12
FORGOTTEN = re.compile(r"\bNone\b|\{\{|\}\}|\{%|\bundefined\b|<bound method|Undefined")
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}

Counting = Callable[[], AbstractContextManager[list[str]]]


class Page:
    """One page, parsed; it has passed every check by the time a test sees it."""

    def __init__(self, url: str, status: int, html: str, queries: list[str]) -> None:
        self.url = url
        self.status = status
        self.html = html
        self.queries = queries
        self.tree = parsed(html)
        self.parents = {child: parent for parent in self.tree.iter() for child in parent}

    @property
    def path(self) -> str:
        """Where it is, as a citizen sees it in the address bar."""
        return urlsplit(self.url).path

    @property
    def h1(self) -> str:
        """The one heading."""
        return words(self.one("h1"))

    @property
    def text(self) -> str:
        """What can be read between <body> and </body>, spaces made single."""
        return words(self.one("body"))

    @property
    def forms(self) -> list[Element]:
        """Every form."""
        return self.all("form")

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Elements of this tag with these attributes (`class_` means: has this class)."""
        return [e for e in self.tree.iter(tag) if _matches(e, attributes)]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only element of this tag with these attributes."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{self.url}: {len(found)} of <{tag} {attributes}>, not one"
        return found[0]

    def link(self, text: str) -> str:
        """Where the first link with this text goes."""
        for link in self.all("a"):
            if text in words(link):
                return urljoin(self.url, link.get("href", ""))
        raise AssertionError(f"{self.url}: no link {text!r}")

    def form(self, action: str) -> Element:
        """The first form that is sent to this path."""
        for form in self.forms:
            if urlsplit(urljoin(self.url, form.get("action", ""))).path == urlsplit(action).path:
                return form
        actions = [form.get("action") for form in self.forms]
        raise AssertionError(f"{self.url}: no form for {action}; there are {actions}")

    def ancestors(self, element: Element) -> Iterator[Element]:
        """The elements around this one, nearest first."""
        while (parent := self.parents.get(element)) is not None:
            yield parent
            element = parent


class Browser:
    """Goes through the app as a person would; `page` is its fixture."""

    def __init__(self, client: TestClient, counting: Counting) -> None:
        self.client = client
        self.counting = counting
        self.current: Page | None = None

    def get(self, url: str, *, status: int = 200, queries: int = QUERIES) -> Page:
        """Open a page (redirects are followed) and check it."""
        with self.counting() as statements:
            answer = self.client.get(url)
        return self._shown(answer, statements, status, queries)

    def post(
        self,
        url: str,
        fields: Mapping[str, str] | None = None,
        *,
        status: int = 200,
        queries: int = 2 * QUERIES,
        **named: str,
    ) -> Page:
        """Fill in and send the form of this action from the page shown last."""
        assert self.current, "open the page that has the form first"
        filled = {**hidden_fields(self.current.form(url)), **(fields or {}), **named}
        with self.counting() as statements:
            answer = self.client.post(url, data=filled)
        return self._shown(answer, statements, status, queries)

    def click(self, text: str, **expected: int) -> Page:
        """Follow the first link with this text on the page shown last."""
        assert self.current, "open a page first"
        return self.get(self.current.link(text), **expected)

    def fragment(self, url: str, *, status: int = 200) -> Element:
        """What htmx gets: a fragment that is valid in the page it is swapped into."""
        answer = self.client.get(url, headers={"HX-Request": "true"})
        assert answer.status_code == status, f"{url}: {answer.status_code}, not {status}"
        assert "HX-Request" in answer.headers.get("Vary", ""), f"{url}: Vary: HX-Request is missing"
        return parsed_fragment(answer.text)

    def _shown(self, answer: Response, statements: list[str], status: int, queries: int) -> Page:
        url, got = str(answer.url), answer.status_code
        assert got == status, f"{url}: {got}, not {status}\n{answer.text[:2000]}"
        self.current = Page(url, got, answer.text, statements)
        check(self.current)
        many = "\n  ".join(statements)
        assert len(statements) <= queries, f"{url}: {len(statements)} queries > {queries}\n  {many}"
        return self.current


def parsed(html: str) -> Element:
    """The tree of a page, or the place where it is not HTML5."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    try:
        return parser.parse(html)  # type: ignore[no-any-return]  # html5lib names no tree type
    except ParseError as error:
        line, column = parser.errors[-1][0] if parser.errors else (0, 0)
        near = "\n".join(html.splitlines()[max(0, line - 2) : line + 1])
        raise AssertionError(f"not HTML5 ({error}) at {line}:{column}:\n{near}") from error


def parsed_fragment(html: str) -> Element:
    """The tree of a fragment."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parseFragment(html)  # type: ignore[no-any-return]  # as above


def words(element: Element) -> str:
    """The text of an element, spaces made single."""
    return " ".join("".join(element.itertext()).split())


def hidden_fields(form: Element) -> dict[str, str]:
    """What a form sends without anybody typing."""
    hidden = [field for field in form.iter("input") if field.get("type") == "hidden"]
    return {field.get("name", ""): field.get("value", "") for field in hidden}


def check(page: Page) -> None:
    """All that every page promises."""
    for rule in RULES:
        for complaint in rule(page):
            raise AssertionError(f"{page.url}: {complaint}")


def heading_and_language(page: Page) -> Iterator[str]:
    title, language = words(page.one("title")), page.tree.get("lang")
    if not page.h1 or not title.startswith(page.h1):
        yield f"the title {title!r} does not begin with the h1 {page.h1!r}"
    if not language:
        yield "<html> has no lang"
    if page.status == 200 and not page.all("main"):
        yield "there is no <main>"


def ids(page: Page) -> Iterator[str]:
    """Ids are unique, and whatever points at one finds it."""
    known = Counter(e.get("id") for e in page.tree.iter() if e.get("id"))
    for name, times in known.items():
        if times > 1:
            yield f"id {name!r} stands {times} times"
    for element in page.tree.iter():
        for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            for name in element.get(attribute, "").split():
                if name not in known:
                    yield f"{attribute}={name!r} points at nothing"
        target = urldefrag(element.get("href", "")) if element.tag == "a" else None
        if target and not target.url and target.fragment and target.fragment not in known:
            yield f"the link #{target.fragment} points at nothing"


def labels(page: Page) -> Iterator[str]:
    """Everything one can use has a name that can be read aloud."""
    labelled = {label.get("for") for label in page.all("label") if words(label)}
    for tag in ("input", "select", "textarea"):
        for field in page.all(tag):
            inside = any(e.tag == "label" and words(e) for e in page.ancestors(field))
            named = field.get("aria-label") or field.get("aria-labelledby")
            if field.get("type") not in UNLABELLED and not (
                inside or named or field.get("id") in labelled
            ):
                yield f"<{tag} name={field.get('name')!r}> has no label"
    for element in page.all("button") + page.all("a"):
        pictures = "".join(image.get("alt", "") for image in element.iter("img"))
        if not (words(element) or element.get("aria-label") or pictures):
            yield f"<{element.tag} {element.attrib}> has no text"
    for image in page.all("img"):
        if image.get("alt") is None:
            yield f"<img src={image.get('src')!r}> has no alt"


def forms(page: Page) -> Iterator[str]:
    """Every form says where it goes; one that changes something carries its token."""
    for form in page.forms:
        method, action = form.get("method", "get").lower(), form.get("action")
        if not action:
            yield "a form has no action"
        if method == "post" and not hidden_fields(form).get(CSRF):
            yield f"the form for {action} has no {CSRF}"
        if method == "get" and CSRF in hidden_fields(form):
            yield f"the form for {action} would put its {CSRF} into the address"
        if not any(True for _ in form.iter("button")):
            yield f"the form for {action} cannot be sent without a script: no button"


def nothing_inline(page: Page) -> Iterator[str]:
    """What the Content-Security-Policy would block, or should not have to."""
    for element in page.tree.iter():
        if element.tag == "script" and not element.get("src"):
            yield "an inline script"
        if element.tag == "style" or element.get("style") is not None:
            yield f"an inline style on <{element.tag}>"
        for name, value in element.attrib.items():
            if name.startswith("on") or value.strip().lower().startswith("javascript:"):
                yield f"a script in {name}={value!r}"


def nothing_forgotten(page: Page) -> Iterator[str]:
    """No leftovers of templates, and text as it should be stored."""
    values = [e.get(name, "") for e in page.tree.iter() for name in ("value", "href", "action")]
    if "None" in values:
        yield "a form or a link says None"
    if found := FORGOTTEN.search(page.text):
        around = page.text[max(0, found.start() - 60) : found.end() + 20]
        yield f"{found[0]!r} can be read: …{around}…"
    if not unicodedata.is_normalized("NFC", page.html):
        yield "the text is not in NFC"


RULES = (heading_and_language, ids, labels, forms, nothing_inline, nothing_forgotten)


def _matches(element: Element, attributes: dict[str, str]) -> bool:
    for name, value in attributes.items():
        if name == "class_":
            if value not in element.get("class", "").split():
                return False
        elif element.get(name.replace("_", "-")) != value:
            return False
    return True
