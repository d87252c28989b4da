"""Splitting and fitting: nothing is lost, nothing is too long."""

from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Button, Limits, Outgoing, fit, marked_up, plain, split

SENTENCES = st.lists(
    st.text(alphabet="aăâbcdđeê .,;\n", min_size=1, max_size=60), min_size=1, max_size=30
).map(" ".join)


@given(SENTENCES, st.integers(20, 200))
def test_splitting_loses_only_white_space_and_keeps_the_limit(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_text_is_cut_between_sentences_rather_than_in_a_word() -> None:
    text = "Câu thứ nhất dài vừa phải. Câu thứ hai cũng thế."
    assert split(text, 30) == ["Câu thứ nhất dài vừa phải.", "Câu thứ hai cũng thế."]


def test_strong_text_is_not_torn_apart() -> None:
    text = "Một hai ba bốn năm. **Chữ đậm rất quan trọng ở đây** rồi thôi."
    assert all(piece.count("**") % 2 == 0 for piece in split(text, 52))


def test_buttons_go_with_the_last_bubble() -> None:
    message = Outgoing("Một câu. " * 10, (Button("A", "a"),))
    bubbles = fit(message, Limits(text=40, buttons=4))
    assert len(bubbles) > 1
    assert [bool(b.buttons) for b in bubbles[:-1]] == [False] * (len(bubbles) - 1)
    assert bubbles[-1].buttons == message.buttons


def test_where_there_are_no_buttons_they_become_numbers_to_type() -> None:
    message = Outgoing("Chọn:", (Button("Khai sinh", "p:1"), Button("Kết hôn", "p:2")))
    (bubble,) = fit(message, Limits(text=200, buttons=0))
    assert bubble.text == "Chọn:\n\n1. Khai sinh\n2. Kết hôn"


def test_marks_are_dropped_or_turned_into_tags_after_escaping() -> None:
    assert plain("**Lệ phí**: 5 < 6") == "Lệ phí: 5 < 6"
    shown = marked_up("**Lệ phí** <b>", lambda t: t.replace("<", "&lt;"), "strong")
    assert shown == "<strong>Lệ phí</strong> &lt;b>"
