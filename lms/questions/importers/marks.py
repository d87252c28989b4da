"""What lines of a question paper look like: questions, choices, keys, explanations, headings."""

import re

_FLAG = r"(?:\*+|✓|✔|√|☑|☒|\[\s*[xX✓]\s*\]|\(\s*[xX✓]\s*\))"
_EMPTY_BOX = r"(?:☐|□|\[\s*\]|\(\s*\))"

QUESTION = re.compile(
    r"(?:câu(?:\s*hỏi)?|question)\s*(?:số\s*)?(\d{1,4})(?![\d,]|\.\d)\s*[.:)/–-]?\s*", re.IGNORECASE
)
NUMBER = re.compile(r"(\d{1,3})\s*[.)/:](?!\d)\s*")
LABEL_NUMBER = re.compile(r"\d+")
TAGS = re.compile(r"[(\[]([^)\]]{1,30})[)\]]\s*[.:–-]?\s*")
OPTION = re.compile(
    rf"(?P<before>{_FLAG})?\s*{_EMPTY_BOX}?\s*[(\[]?(?P<letter>[A-Ha-h])(?P<mid>\*)?\s*"
    rf"(?:[.)\]:/]|-(?=\s))\s*(?P<after>{_FLAG})?\s*"
)
BOXED = re.compile(rf"(?:(?P<flag>{_FLAG})|{_EMPTY_BOX}|[•●○◦▪–+-])\s*")
FLAGGED_END = re.compile(r"\s*(?:\*+|✓|✔|√|\(\s*(?:đúng|x|X|✓|\*)\s*\)|\[\s*(?:đúng|x|X)\s*\])\s*$")
INLINE_OPTION = re.compile(rf"(?:^|(?<=\s)){_FLAG}?\s*\(?([A-Ha-h])\*?\s*[.)]\s*(?=\S)")
ANSWER = re.compile(
    r"(?:=>|→|➔|⇒)?\s*(?:đáp\s*án(?:\s*(?:đúng|chọn|là))*|đ\s*/\s*a|đ\.a|đa(?=\s*[:.])|phương\s*án\s*đúng"
    r"|câu\s*trả\s*lời\s*đúng|trả\s*lời|kết\s*quả|chọn(?=\s*(?:đáp\s*án\s*)?:?\s*[A-H]\b)|answers?|keys?)"
    r"\s*(?:câu\s*\d+\s*)?(?:là)?\s*(?:[:=.–-]|$|(?=[A-H]\b))\s*",
    re.IGNORECASE,
)
LATE_ANSWER = re.compile(r"\s+[(\[]?(?=(?:đáp\s*án(?:\s*đúng)?|đ/a|answer)\s*[:=])", re.IGNORECASE)
EXPLANATION = re.compile(
    r"(?:giải\s*thích(?:\s*thêm)?|lời\s*giải|hướng\s*dẫn(?:\s*giải)?|căn\s*cứ|ghi\s*chú|vì\s*sao|lý\s*do"
    r"|phản\s*hồi|feedback)\s*[:–-]\s*",
    re.IGNORECASE,
)
TOPIC = re.compile(
    r"(?:chủ\s*đề|chuyên\s*đề|nội\s*dung)\s*(?:\d+|[IVX]+)?\s*[.:–-]\s*", re.IGNORECASE
)
LEVEL = re.compile(r"(?:mức\s*độ|độ\s*khó)\s*[.:–-]\s*", re.IGNORECASE)
HEADING = re.compile(
    r"(?:phần|chương|mục|part)\s+(?:\d{1,2}|[IVX]{1,5}|[A-D])\b\s*[.:–-]*\s*(.*)", re.IGNORECASE
)
KEY_HEADING = re.compile(
    r"(?:[IVX\d]+\s*[.)]\s*)?(?:bảng\s*)?đáp\s*án(?:\s*(?:và\s*biểu\s*điểm|trắc\s*nghiệm|các\s*câu.*))?"
    r"\s*[.:]?",
    re.IGNORECASE,
)
TRUTH_ASKED = re.compile(
    r"\s*[(\[]\s*(?:đ|đúng|t|true)\s*(?:/|hay|hoặc|-)\s*(?:s|sai|f|false)\s*[)\]]\s*[.?:]?\s*$",
    re.IGNORECASE,
)
TRUTH_SAID = re.compile(
    r"(?:\s*[(\[]\s*(đúng|sai|[ĐđSs])\s*[)\]]|[\t…_]+\s*(đúng|sai|[ĐS])|(?<=[.?!…])\s+(ĐÚNG|SAI|[ĐS]))"
    r"\s*\.?\s*$",
    re.IGNORECASE,
)

_LEVELS = {
    "nb": 1, "nhận biết": 1, "dễ": 1, "1": 1, "easy": 1,
    "th": 2, "thông hiểu": 2, "trung bình": 2, "tb": 2, "2": 2, "medium": 2, "vừa": 2,
    "vd": 3, "vận dụng": 3, "vdc": 3, "vận dụng cao": 3, "khó": 3, "3": 3, "hard": 3,
}  # fmt: skip


def level(text: str) -> int | None:
    """The difficulty that these words mean."""
    return _LEVELS.get(" ".join(text.casefold().strip(" .").split()).removesuffix(".0"))
