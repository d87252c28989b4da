"""Vietnamese text: cleaning, accent folding, abbreviations, words. Pure, and true for any input.

`fold` is the one way accents are removed in the whole product. Runs inside Rasa's Python 3.10 too.
"""

import re
import unicodedata
from functools import lru_cache

from nlu import teencode, typing_residue

WORD = re.compile(r"[^\W_]+")
SPACES = re.compile(r"[^\S\n]+")
SHORT = 60
BLANK_LINES = re.compile(r"\s*\n\s*")
DROPPED = frozenset({"Cc", "Cf", "Cs", "Co"})  # control, invisible, lone surrogates, private use
TONED = {
    "a": "àáảãạ", "ă": "ằắẳẵặ", "â": "ầấẩẫậ", "e": "èéẻẽẹ", "ê": "ềếểễệ", "i": "ìíỉĩị",
    "o": "òóỏõọ", "ô": "ồốổỗộ", "ơ": "ờớởỡợ", "u": "ùúủũụ", "ư": "ừứửữự", "y": "ỳýỷỹỵ",
}  # fmt: skip
TONE_OF = {letter: tone for row in TONED.values() for tone, letter in enumerate(row)}
BASE_OF = {letter: base for base, row in TONED.items() for letter in row}
# Composed Vietnamese is folded letter by letter, twice as fast as by the rules of Unicode.
BARE = str.maketrans(
    {c: unicodedata.normalize("NFD", c)[0] for c in (*TONED, *BASE_OF)} | {"đ": "d"}
)
USUAL = re.compile(rf"[ -~\n–—…“”‘’•{''.join(map(chr, BARE))}{''.join(map(chr, BARE)).upper()}]*")


def fold(text: str) -> str:
    """Lower case without any accent; "đ" becomes "d". Folding twice changes nothing."""
    if text.isascii():
        return text.lower()
    return _fold_short(text) if len(text) <= SHORT else _fold(text)


def _fold(text: str) -> str:
    if USUAL.fullmatch(text):
        return text.lower().translate(BARE)
    lowered = unicodedata.normalize("NFD", unicodedata.normalize("NFC", text).lower())
    bare = "".join(c for c in lowered if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare.lower().replace("đ", "d"))


# Names of procedures and single words are folded again and again; whole messages are not kept.
_fold_short = lru_cache(maxsize=20_000)(_fold)


def has_accents(text: str) -> bool:
    """Whether any letter carries a Vietnamese accent (or is "đ")."""
    return any(
        c in BASE_OF or (c in TONED and not c.isascii()) or c == "đ" for c in _nfc_lower(text)
    )


@lru_cache(maxsize=64)  # one message is looked at from several sides
def clean(text: str) -> str:
    """NFC without invisible characters or double spaces, tones where today's spelling puts them."""
    if not USUAL.fullmatch(text):
        text = unicodedata.normalize("NFC", "".join(map(_visible, text)))
    if not text.isascii():
        text = TONE_MOVED.sub(_move_tone, text)
    return BLANK_LINES.sub("\n", SPACES.sub(" ", text)).strip()


def expand_teencode(text: str) -> str:
    """Abbreviations and chat spellings written out, read by their neighbours."""
    text = unicodedata.normalize("NFC", text)
    return teencode.expand(text, [fold(word) for word in WORD.findall(text)])


@lru_cache(maxsize=64)
def normalise(text: str) -> str:
    """Everything at once: clean, typing residue repaired, abbreviations written out."""
    return expand_teencode(typing_residue.repair(clean(text)))


def words(text: str) -> list[str]:
    """The words of a text as they stand, folded."""
    return WORD.findall(fold(text))


def tokens(text: str) -> list[str]:
    """The words that were meant: folded, after `normalise`."""
    return words(normalise(text))


def _nfc_lower(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


def _visible(char: str) -> str:
    if char in "\n\u2028\u2029\x0b\x0c":
        return "\n"
    category = unicodedata.category(char)
    if category == "Zs" or char in "\t\r":
        return " "
    return "" if category in DROPPED else char


def _tone_pattern() -> re.Pattern[str]:
    """Tones on the wrong vowel: "hoà", "hòan", "qúy", "gìa"."""
    toned = {vowel: f"[{row}{row.upper()}]" for vowel, row in TONED.items()}
    return re.compile(
        rf"(?i:o){toned['a']}(?!\w)|(?i:o){toned['e']}(?!\w)|(?<![qQ])(?i:u){toned['y']}(?!\w)"
        rf"|{toned['o']}(?i:[ae])(?=[a-zA-Z])|(?<![qQ]){toned['u']}(?i:[yê])(?=[a-zA-Z])"
        rf"|(?<=[qQ]){toned['u']}(?i:[aeoyâăêơ])|(?<=[gG]){toned['i']}(?i:[aouăâơô])"
    )


TONE_MOVED = _tone_pattern()


def _move_tone(match: "re.Match[str]") -> str:
    """Move the tone of a two-vowel group to its other vowel, keeping each letter's case."""
    first, second = match[0][0], match[0][1]
    if first.lower() in TONE_OF:
        tone = TONE_OF[first.lower()]
        return _cased(BASE_OF[first.lower()], first) + _cased(TONED[second.lower()][tone], second)
    tone = TONE_OF[second.lower()]
    return _cased(TONED[first.lower()][tone], first) + _cased(BASE_OF[second.lower()], second)


def _cased(letter: str, like: str) -> str:
    return letter.upper() if like.isupper() else letter
