"""Text typed in the fonts of the nineties (.VnTime: TCVN3; VNI-Times: VNI), read as Unicode.

Such a text is stored as Western letters that only its font shows as Vietnamese: "NguyÔn V¨n Hµ"
and "Nguyeãn Vaên Haø" are one name. Which of the three a file uses is decided by what makes
Vietnamese syllables of it. TCVN3 is the VN3 set of TCVN 5712:1993 (glibc's iconv, `-f TCVN`, reads
the same bytes alike); VNI is the set for Windows, checked against tables of public key drivers.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

_LETTERS = "áàảãạăắằẳẵặâấầẩẫậđéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵĂÂĐÊÔƠƯ"
_TCVN3_BYTES = bytes.fromhex(
    "b8b5b6b7b9 a8bebbbcbdc6 a9cac7c8c9cb ae d0cccecfd1 aad5d2d3d4d6 ddd7d8dcde e3dfe1e2e4"
    "abe8e5e6e7e9 acedeaebecee f3eff1f2f4 adf8f5f6f7f9 fdfafbfcfe a1a2a7a3a4a5a6"
)
_TCVN3 = dict(zip(_TCVN3_BYTES.decode("latin-1"), _LETTERS, strict=True))

# What follows a letter in VNI: its tone, or its hat together with its tone.
_VNI_TONES = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_HAT, _BREVE = "\u0302", "\u0306"
_VNI_HATS = {
    "â": _HAT, "á": _HAT + "\u0301", "à": _HAT + "\u0300", "å": _HAT + "\u0309",
    "ã": _HAT + "\u0303", "ä": _HAT + "\u0323",
}  # fmt: skip
_VNI_BREVES = {
    "ê": _BREVE, "é": _BREVE + "\u0301", "è": _BREVE + "\u0300", "ú": _BREVE + "\u0309",
    "ü": _BREVE + "\u0303", "ë": _BREVE + "\u0323",
}  # fmt: skip
_VNI_ALONE = {
    "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "ô": "ơ", "ö": "ư", "î": "ỵ", "ñ": "đ",
}  # fmt: skip


def _vni_table() -> dict[str, str]:
    """Every letter of Vietnamese as VNI spells it, in both cases."""
    spelt = dict(_VNI_ALONE)
    marks = {
        "a": _VNI_TONES | _VNI_HATS | _VNI_BREVES, "e": _VNI_TONES | _VNI_HATS,
        "o": _VNI_TONES | _VNI_HATS, "u": _VNI_TONES, "y": _VNI_TONES, "ô": _VNI_TONES,
        "ö": _VNI_TONES,
    }  # fmt: skip
    for letter, after in marks.items():
        base = _VNI_ALONE.get(letter, letter)
        for mark, accents in after.items():
            spelt[letter + mark] = unicodedata.normalize("NFC", base + accents)
    for key, value in list(spelt.items()):
        spelt[key.upper()] = value.upper()
        spelt[key[0].upper() + key[1:]] = value.upper()  # a capital with the mark of a small letter
    return spelt


_VNI = _vni_table()
_VNI_SPELLING = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))


class Encoding(StrEnum):
    """How letters are stored."""

    UNICODE = "unicode"
    TCVN3 = "tcvn3"
    VNI = "vni"


def convert(text: str, encoding: Encoding) -> str:
    """The text as Unicode (NFC)."""
    if encoding is Encoding.TCVN3:
        text = re.sub(r"\S+", lambda word: _as_shouted(word[0]), text)
    elif encoding is Encoding.VNI:
        text = _VNI_SPELLING.sub(lambda found: _VNI[found[0]], text)
    return unicodedata.normalize("NFC", text)


def _as_shouted(word: str) -> str:
    """TCVN3 has no capitals with tones: among capitals, a small letter was meant as one."""
    read = "".join(_TCVN3.get(letter, letter) for letter in word)
    plain = [letter for letter in word if letter.isascii() and letter.isalpha()]
    is_shouted = len(plain) > 1 and all(letter.isupper() for letter in plain)
    return read.upper() if is_shouted and read != word else read


def detect(texts: Iterable[str]) -> Encoding:
    """Which encoding makes most syllables of the words that could be in any of them."""
    scores = dict.fromkeys(Encoding, 0)
    for text in texts:
        if could_be_legacy(text):
            for encoding in Encoding:
                scores[encoding] += _syllables(convert(text, encoding), text)
    return max(Encoding, key=lambda encoding: scores[encoding])  # ties are Unicode, it comes first


def mend(text: str, encoding: Encoding) -> str:
    """One cell of a file in this encoding; what is Unicode already (mixed files) stays."""
    if encoding is Encoding.UNICODE or not could_be_legacy(text):
        return convert(text, Encoding.UNICODE)
    read = convert(text, encoding)
    is_worse = _syllables(read, text) < _syllables(text, text)
    return convert(text, Encoding.UNICODE) if is_worse else read


def could_be_legacy(text: str) -> bool:
    """Whether it has letters beyond ASCII and all of them are Western ones."""
    return not text.isascii() and all(letter < "\u0100" for letter in text)


def decoded(raw: bytes) -> str:
    """A text file of unknown origin: UTF-8 or UTF-16, cp1258, TCVN3 or VNI."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return unicodedata.normalize("NFC", raw.decode("utf-16", errors="replace"))
    try:
        return unicodedata.normalize("NFC", raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass
    western = raw.decode("latin-1")
    readings = [
        unicodedata.normalize("NFC", raw.decode("cp1258", errors="replace")),
        convert(western, Encoding.TCVN3),
        convert(western, Encoding.VNI),
    ]
    return max(readings, key=lambda text: _syllables(text, text))


def _syllables(read: str, written: str) -> int:
    """How many words that are not plain ASCII are syllables, less those that are not."""
    words = zip(read.split(), written.split(), strict=False)
    judged = [is_syllable(word.strip(".,;:()-/")) for word, raw in words if not raw.isascii()]
    return sum(1 if good else -1 for good in judged)


_ONSET = "(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnprstvx])?"
_CLOSED = "(?:uyê|iê|yê|uô|ươ|oa|oă|oe|uê|uâ|uy|oo|[aăâeêioôơuưy])(?:ch|nh|ng|[cmnpt])"
_OPEN = (
    "(?:uyu|uya|iêu|yêu|uôi|ươi|ươu|oai|oay|oao|oeo|uây|uêu|ai|ao|au|ay|âu|ây|eo|êu|ia|iu|oi|ôi|ơi"
    "|ua|ui|ưa|ưi|ưu|oa|oe|uê|uơ|uy|[aeêioôơuưy])"
)
_SYLLABLE = re.compile(f"{_ONSET}(?:{_CLOSED}|{_OPEN})")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_STOPS = ("c", "p", "t", "ch")


def is_syllable(word: str) -> bool:
    """Whether this could be a Vietnamese syllable; one that ends in a stop is sharp or heavy."""
    parts = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in parts if mark in _TONES]
    bare = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES))
    if len(tones) > 1 or not _SYLLABLE.fullmatch(bare):
        return False
    return not bare.endswith(_STOPS) or tones in (["\u0301"], ["\u0323"])
