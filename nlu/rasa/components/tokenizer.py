"""Rasa's tokens for Vietnamese: folded words that were meant, at the offsets where they stand."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from nlu.rasa.components import words


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseTokenizer(Tokenizer):
    """One token a written word; the same with and without accents."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Intents are whole labels: none of their names is split."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The words of one attribute; whatever has no word at all is one token."""
        said = message.get(attribute)
        tokens = [Token(word.meant, word.start, word.end) for word in words.read(said)]
        return tokens or [Token(said, 0, len(said))]
