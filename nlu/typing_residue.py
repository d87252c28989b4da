"""What a keyboard left behind: raw Telex or VNI keys ("giaays", "d9a8ng") and joined words.

Words are repaired only into syllables seen in official texts (`data/syllables.txt`) or in everyday
speech (`data/spoken.txt`), so that "form", "visa" or "B2" stay as they are. Runs inside Rasa's
Python 3.10 too.
"""

import itertools
import math
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

WORD = re.compile(r"[^\W_]+")
TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
CIRCUMFLEX = {"a": "â", "e": "ê", "o": "ô"}
HORN = {"a": "ă", "o": "ơ", "u": "ư"}
MARKED = "âêôăơư"
VOWELS = frozenset("aeiouyâêôăơư")
TELEX_KEYS = re.compile(r"[sfrxjw]|aa|ee|oo|dd|(?<=.)d")
VNI_WORD = re.compile(r"[a-zđ]+(?:[1-9][a-z]*){1,4}")
FOREIGN = frozenset(
    {
        "ads", "app", "apps", "bus", "box", "cafe", "chip", "cross", "email", "fax", "file",
        "form", "gas", "gmail", "jpg", "laptop", "law", "max", "mess", "new", "online",
        "pass", "pos", "post", "scan", "sim", "sms", "taxi", "tax", "telex", "test", "usb",
        "visa", "web", "wifi", "window", "zoom",
    }
)  # fmt: skip
MIN_JOINED = 6  # "kethon"; shorter words may be one syllable
MAX_JOINED = 40
RARE = 20  # a syllable seen less often is no evidence for a repair


def _strip(word: str) -> str:
    plain = (c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return "".join(plain).replace("đ", "d")


def _load() -> tuple[frozenset[str], dict[str, int]]:
    path = Path(__file__).parent / "data" / "syllables.txt"
    accented: set[str] = set()
    folded: dict[str, int] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            syllable, count = line.split()
            accented.add(syllable)
            plain = _strip(syllable)
            folded[plain] = folded.get(plain, 0) + int(count)
    return frozenset(accented), folded


def _spoken() -> frozenset[str]:
    path = Path(__file__).parent / "data" / "spoken.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


OFFICIAL, FOLDED = _load()
ACCENTED = OFFICIAL | _spoken()
TOTAL = sum(FOLDED.values())


def repair(text: str) -> str:
    """Turn raw Telex and VNI keys into letters and put spaces between joined words."""
    return WORD.sub(lambda match: _repair_word(match[0]), text)


@lru_cache(maxsize=4096)
def _repair_word(word: str) -> str:
    lower = word.lower()
    if lower in ACCENTED or lower in FOLDED or lower in FOREIGN or len(lower) > MAX_JOINED:
        return word
    return from_telex(lower) or from_vni(lower) or split_joined(word) or word


def from_telex(word: str) -> str | None:
    """The syllable that these Telex keys spell, if they spell a known one."""
    if len(word) < 2 or not word.isascii() or not word.isalpha() or not TELEX_KEYS.search(word):
        return None
    letters: list[str] = []
    tone = ""
    for key in word:
        if key in TONES and not VOWELS.isdisjoint(letters):
            if tone:
                return None
            tone = TONES[key]
        elif not _telex_mark(letters, key):
            letters.append(key)
    syllable = _spell(letters, tone)
    if syllable == word:
        return None
    sure = syllable in OFFICIAL or (syllable in ACCENTED and len(word) > 2)
    return syllable if sure or (len(word) > 3 and FOLDED.get(_strip(syllable), 0) > RARE) else None


def from_vni(word: str) -> str | None:
    """The syllable that these VNI keys spell, if they spell a known one."""
    if not VNI_WORD.fullmatch(word) or len(word) < 3:
        return None
    letters: list[str] = []
    tone = ""
    for key in word:
        if key in VNI_TONES:
            tone = VNI_TONES[key]
        elif key.isdigit():
            if not _vni_mark(letters, key):
                return None
        else:
            letters.append(key)
    syllable = _spell(letters, tone)
    return syllable if syllable in ACCENTED else None


def split_joined(word: str) -> str | None:
    """ "dangkykhaisinh" with its spaces, when every piece is a common syllable."""
    plain = _strip(unicodedata.normalize("NFC", word.lower()))
    if len(plain) != len(word) or len(plain) < MIN_JOINED or not plain.isalpha():
        return None
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(plain) + 1):
        choices = [
            (best[start][0] + math.log(FOLDED[plain[start:end]] / TOTAL), start)
            for start in range(max(0, end - 7), end - 1)
            if FOLDED.get(plain[start:end], 0) > RARE
        ]
        best.append(max(choices, default=(-math.inf, 0)))
    if best[-1][0] == -math.inf:
        return None
    cuts = [len(plain)]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][1])
    cuts.reverse()
    pieces = [word[a:b] for a, b in itertools.pairwise(cuts)]
    # Three or more short pieces are a foreign word ("camera", "canada"), not joined Vietnamese.
    if len(pieces) < 2 or (len(pieces) > 2 and len(plain) < 2.7 * len(pieces)):
        return None
    return " ".join(pieces)


def _telex_mark(letters: list[str], key: str) -> bool:
    """Apply a Telex key that changes a letter already typed; False when it is a letter itself."""
    if key == "d" and letters and letters[0] == "d":
        letters[0] = "đ"
        return True
    if key in CIRCUMFLEX and key in letters:
        _replace_last(letters, key, CIRCUMFLEX[key])
        return True
    return key == "w" and _horn(letters, "aou")


def _vni_mark(letters: list[str], key: str) -> bool:
    if key == "9" and letters and letters[0] == "d":
        letters[0] = "đ"
        return True
    if key == "6":
        vowel = next((c for c in reversed(letters) if c in CIRCUMFLEX), None)
        if vowel:
            _replace_last(letters, vowel, CIRCUMFLEX[vowel])
        return vowel is not None
    return _horn(letters, {"7": "ou", "8": "a"}.get(key, ""))


def _horn(letters: list[str], among: str) -> bool:
    """Give the last of these vowels its horn or breve; "uo" takes two."""
    vowel = next((c for c in reversed(letters) if c in among), None)
    if vowel is None:
        return False
    _replace_last(letters, vowel, HORN[vowel])
    if vowel == "o" and "".join(letters).rfind("uơ") > 0:
        _replace_last(letters, "u", "ư")
    return True


def _replace_last(letters: list[str], old: str, new: str) -> None:
    at = len(letters) - 1 - letters[::-1].index(old)
    letters[at] = new


def _spell(letters: list[str], tone: str) -> str:
    """The letters with the tone on the vowel where Vietnamese spelling puts it."""
    if tone and not VOWELS.isdisjoint(letters):
        letters = [*letters]
        letters[_tone_place(letters)] += tone
    return unicodedata.normalize("NFC", "".join(letters))


def _tone_place(letters: list[str]) -> int:
    vowels = [i for i, c in enumerate(letters) if c in VOWELS]
    word = "".join(letters)
    if len(vowels) > 1 and word.startswith(("qu", "gi")):
        vowels = vowels[1:]
    marked = [i for i in vowels if letters[i] in MARKED]
    if marked:
        return marked[-1]
    closed = vowels[-1] < len(letters) - 1
    if len(vowels) == 1 or closed:
        return vowels[-1]
    return vowels[1] if len(vowels) == 3 else vowels[0]
