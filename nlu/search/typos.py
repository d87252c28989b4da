"""Repair of mistyped syllables ("khia sinh" → "khai sinh") against the words of the titles."""

from collections.abc import Collection, Mapping, Sequence


def _deletions(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


class Speller:
    """Finds title words one edit away (insert, delete, replace, swap)."""

    def __init__(self, pairs: Mapping[str, int], known: Collection[str]) -> None:
        """`pairs`: how often two words stand side by side; `known`: words never repaired."""
        self._pairs = pairs
        self._known = {*known, *(w for pair in pairs for w in pair.split())}
        self._near: dict[str, list[str]] = {}
        for word in {w for pair in pairs for w in pair.split()}:
            if len(word) > 1 and word.isalpha():
                for key in {word, *_deletions(word)}:
                    self._near.setdefault(key, []).append(word)

    def repaired(self, tokens: Sequence[str]) -> Mapping[int, str]:
        """For each unknown word, the known one that makes a well-known pair with a neighbour."""
        found: dict[int, str] = {}
        for i, token in enumerate(tokens):
            if token in self._known or len(token) < 3 or not token.isalpha():
                continue
            near = {w for key in {token, *_deletions(token)} for w in self._near.get(key, ())}
            best = max(sorted(near), key=lambda w: self._fit(tokens, i, w), default="")
            if best and self._fit(tokens, i, best) > 0:
                found[i] = best
        return found

    def _fit(self, tokens: Sequence[str], i: int, word: str) -> int:
        before = self._pairs.get(f"{tokens[i - 1]} {word}", 0) if i else 0
        after = self._pairs.get(f"{word} {tokens[i + 1]}", 0) if i + 1 < len(tokens) else 0
        return before + after
