"""Plain text as HTML: what is marked, what is linked, and that nothing else gets through."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.chat.markup import html, quoted
from tests.page import parsed_fragment


def test_plain_text_becomes_paragraphs_lists_and_links():
    text = "**Lệ phí**\n• 8.000 đ/bản <b>\n• Miễn\n\n1. Một\n2. Hai\nXem: http://x.vn/thu-tuc/1?a=1&b=2."
    assert html(text, own="http://x.vn") == (
        "<p><strong>Lệ phí</strong></p><ul><li>8.000 đ/bản &lt;b&gt;</li><li>Miễn</li></ul>"
        "<ol><li>Một</li><li>Hai</li></ol>"
        '<p>Xem: <a href="/thu-tuc/1?a=1&amp;b=2">/thu-tuc/1?a=1&amp;b=2</a>.</p>'
    )


def test_a_list_goes_on_where_its_number_says():
    assert html("3. Ba") == '<ol start="3"><li>Ba</li></ol>'


def test_no_address_breaks_out_of_its_link():
    shown = html('Xem http://x.vn/"onclick="alert(1) và <http://y.vn>, https://z.vn/a).')
    assert re.findall(r'href="([^"]*)"', shown) == [
        "http://x.vn/", "http://y.vn", "https://z.vn/a",
    ]  # fmt: skip
    assert "<http" not in shown


def test_what_a_citizen_wrote_is_not_marked_up():
    assert quoted("**a** http://x.vn\n<i>") == "<p>**a** http://x.vn<br>&lt;i&gt;</p>"


@given(st.text(alphabet="<>&\"'*•- \n1.ahttp:/đ", max_size=80))
def test_whatever_is_said_stays_within_our_tags(text):
    for shown in (html(text, own="http://h"), quoted(text)):
        tags = {element.tag for element in parsed_fragment(shown).iter()} - {"DOCUMENT_FRAGMENT"}
        assert tags <= {"p", "br", "ul", "ol", "li", "strong", "a"}
