"""The ways citizens type the same question: no accents, slips, raw keys, chat spelling.

Each variant is drawn from the question itself, so that the same question always gives the same
variants, on every machine. The lists here are written apart from those of the product.
"""

import random
import unicodedata
from collections.abc import Callable

from nlu.text import fold

WORDS_HIT = 0.25  # share of the words that a keyboard spoils; at least one
SLIPPED = 0.1  # share of the words with a slip
NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "g": "fh", "h": "gj", "i": "uo",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et",
    "s": "ad", "t": "ry", "u": "yi", "v": "cb", "x": "zc", "y": "tu",
}  # fmt: skip
TELEX = {"\u0300": "f", "\u0301": "s", "\u0303": "x", "\u0309": "r", "\u0323": "j"}
VNI = {"\u0300": "2", "\u0301": "1", "\u0303": "4", "\u0309": "3", "\u0323": "5"}
TELEX_MARKS = {"\u0302": "", "\u0306": "w", "\u031b": "w", "đ": "dd"}  # "â" is "aa": see _keys
VNI_MARKS = {"\u0302": "6", "\u0306": "8", "\u031b": "7", "đ": "d9"}
CHAT = {
    "đăng ký": "dk", "giấy khai sinh": "gks", "như thế nào": "ntn", "bao nhiêu": "bnh",
    "bây giờ": "bh", "căn cước": "cc", "hộ khẩu": "hk", "giấy tờ": "gtờ", "kết hôn": "kh",
    "chuyển khoản": "ck", "không": "ko", "được": "đc", "gì": "j", "với": "vs", "vợ": "vk",
    "chồng": "ck", "người": "ng", "mình": "mk", "trước": "trc", "biết": "bít", "rồi": "r",
    "vậy": "z", "cũng": "cx", "nhiều": "nh", "muốn": "mún", "phải": "fải", "bạn": "b",
    "những": "nhg", "thôi": "thui", "luôn": "lun",
}  # fmt: skip

Variant = Callable[[str, random.Random], str]


def variants(question: str) -> dict[str, str]:
    """Every variant of a question by its name; one that would change nothing is left out."""
    drawn = {name: make(question, random.Random(question)) for name, make in VARIANTS.items()}
    return {name: text for name, text in drawn.items() if text != question}


def without_accents(question: str, _: random.Random) -> str:
    """As typed on a keyboard without Vietnamese."""
    return fold(question)


def with_slips(question: str, draw: random.Random) -> str:
    """One slip in every tenth word: a key beside, a letter lost, doubled or swapped."""
    return _spoilt(question, draw, SLIPPED, lambda word: len(word) > 2 and word.isalpha(), _slip)


def in_telex(question: str, draw: random.Random) -> str:
    """The raw Telex keys in a quarter of the accented words."""
    return _spoilt(question, draw, WORDS_HIT, _is_accented, lambda w, _: _keys(w, telex=True))


def in_vni(question: str, draw: random.Random) -> str:
    """The raw VNI keys in a quarter of the accented words."""
    return _spoilt(question, draw, WORDS_HIT, _is_accented, lambda w, _: _keys(w, telex=False))


def in_chat(question: str, _: random.Random) -> str:
    """Chat abbreviations wherever they are usual, accents elsewhere kept."""
    padded = f" {question} "
    for written, short in CHAT.items():
        padded = padded.replace(f" {written} ", f" {short} ")
    return padded[1:-1]


VARIANTS: dict[str, Variant] = {
    "without accents": without_accents,
    "typos": with_slips,
    "Telex residue": in_telex,
    "VNI residue": in_vni,
    "teencode": in_chat,
}


def _spoilt(
    question: str,
    draw: random.Random,
    share: float,
    fits: Callable[[str], bool],
    spoil: Callable[[str, random.Random], str],
) -> str:
    words = question.split(" ")
    fitting = [i for i, word in enumerate(words) if fits(word)]
    count = min(len(fitting), max(1, round(share * len(words))))
    for i in draw.sample(fitting, count):
        words[i] = spoil(words[i], draw)
    return " ".join(words)


def _is_accented(word: str) -> bool:
    return word.isalpha() and fold(word) != word.lower()


def _slip(word: str, draw: random.Random) -> str:
    at = draw.randrange(1, len(word))
    kind = draw.choice(("beside", "lost", "doubled", "swapped"))
    if kind == "lost":
        return word[:at] + word[at + 1 :]
    if kind == "doubled":
        return word[:at] + word[at] + word[at:]
    if kind == "swapped":
        return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
    near = NEIGHBOURS.get(fold(word[at]), "")
    return word[:at] + (draw.choice(near) if near else "") + word[at + 1 :]


def _keys(word: str, *, telex: bool) -> str:
    """The keys that were pressed for a word; its tone is typed last, as most people do."""
    tones, marks = (TELEX, TELEX_MARKS) if telex else (VNI, VNI_MARKS)
    keys, tone = "", ""
    for char in unicodedata.normalize("NFD", word.lower()):
        if char in tones:
            tone = tones[char]
        elif telex and char == "\u0302":
            keys += keys[-1]
        else:
            keys += marks.get(char, char)
    return keys + tone
