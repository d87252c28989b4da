"""What is asked about a procedure, and what is left to name it."""

import pytest

from nlu import aspects, dataset, text


@pytest.mark.parametrize(
    ("message", "asked", "subject"),
    [
        ("làm giấy khai sinh cho bé cần gì", "documents", "giay khai sinh cho be"),
        ("chung thuc hop dong phi bn", "fees", "chung thuc hop dong"),
        ("xóa thường trú mấy ngày có", "time", "xoa thuong tru"),
        ("xin giấy độc thân ở đâu", "place", "giay doc than"),
        ("gia hạn tạm trú nộp cho ai", "place", "gia han tam tru"),
        ("nộp mạng được không", "online", ""),
        ("tách thửa có phải xin phép không", "conditions", None),
        ("đăng ký kết hôn làm thế nào", "steps", "dang ky ket hon"),
        ("mẫu đơn ở đâu", "form", ""),
        ("luật nào quy định về hộ tịch", "legal_basis", "ho tich"),
        ("xong thì nhận được giấy gì", "result", None),
        ("đổi căn cước có mất tiền không, bao lâu có", "fees time", "doi can cuoc"),
        ("khai sinh cần giấy tờ gì và nộp trực tuyến được không", "documents online", "khai sinh"),
        ("mẹ em già yếu, muốn xin trợ cấp thì làm sao", "documents steps", None),
        ("thế còn phí?", "fees", ""),
        ("còn kết hôn?", "", "ket hon"),
        ("gia hạn thì sao", "steps", "gia han"),
        ("hỗ trợ chi phí mai táng", "", "ho tro chi phi mai tang"),
        ("mai táng phí cho thanh niên xung phong", "", None),
        ("bao nhiêu tuổi thì được hưởng", "conditions", None),
        ("đăng ký khai sinh", "", "dang ky khai sinh"),
        ("cho mình xin nguồn với ạ", "", ""),
        ("xin chào", "", ""),
        ("", "", ""),
    ],
)
def test_read(message: str, asked: str, subject: str | None) -> None:
    reading = aspects.read(text.normalise(message))
    assert set(reading.aspects) == set(asked.split())
    if subject is not None:
        assert reading.subject == subject


@pytest.mark.parametrize(
    "message",
    ["Làm căn cước cho con hết bao nhiêu tiền, mấy ngày có?", "Tách hộ thì nộp ở đâu?"],
)
def test_accents_make_no_difference(message: str) -> None:
    assert aspects.read(text.normalise(message)) == aspects.read(text.normalise(text.fold(message)))


# Measured .983 and .934: rules are developed on the first half, the second is only scored.
@pytest.mark.parametrize(("half", "floor"), [("developed", 0.97), ("scored", 0.925)])
@pytest.mark.parametrize("spelling", [str, text.fold])
def test_aspects_of_many_turns_of_phrase(half: str, floor: float, spelling) -> None:
    file = dataset.TESTS / "development_aspects.yml"
    hits = mistakes = 0
    for example in dataset.read([file]).examples:
        part, _, wanted = example.group.partition(": ")
        if part == half:
            said = aspects.read(text.normalise(text.clean(spelling(example.text)))).aspects
            asked = set(wanted.split()) - {"nothing"}
            hits += len(asked.intersection(said))
            mistakes += len(asked.symmetric_difference(said))
    assert hits > 1000
    assert 2 * hits / (2 * hits + mistakes) >= floor


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ("khai tử cần giyấ tờ gì", "documents"),
        ("nhận con nuôi có mất tinề không", "fees"),
        ("đăng ký kết hôn mấy ngyà có", "time"),
        ("tạm trú dâuu", ""),  # no pair holds it: left alone rather than guessed
        ("nộp online được không", "online"),
    ],
)
def test_slips_of_the_keyboard(message: str, asked: str) -> None:
    assert set(aspects.read(text.normalise(message)).aspects) == set(asked.split())
