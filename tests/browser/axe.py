"""axe-core at work: whatever a page does wrong for people who cannot see, point or tell colours."""

from importlib.resources import files

from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
SOURCE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")


def complaints(page: Page) -> list[str]:
    """Every violation on the page as it is now, in words that lead to the element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SOURCE)
    result = page.evaluate("(tags) => axe.run({runOnly: tags})", TAGS)
    assert len(result["passes"]) > 10, f"axe did not look at {page.url}"
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in result["violations"]
        for node in one["nodes"]
    ]


def complaints_everywhere(page: Page) -> list[str]:
    """The same on both widths, each in both colour schemes; nothing wider than the screen."""
    return _looked_at(page, [(width, scheme) for width in WIDTHS for scheme in SCHEMES])


def complaints_apart(page: Page) -> list[str]:
    """Half the looks: the narrow screen light, the wide one dark."""
    return _looked_at(page, list(zip(WIDTHS, SCHEMES, strict=True)))


def _looked_at(page: Page, looks: list[tuple[int, str]]) -> list[str]:
    found = []
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": 740})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a Literal of its own
        found += [f"{width} px, {scheme}: {said}" for said in complaints(page)]
        needed = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{needed} px wide on {width}"] if needed > width else []
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="light")
    return found
