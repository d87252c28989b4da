"""Sparse features that Rasa's own featurizers lack: pairs of words, shapes of numbers, accents.

The tokens have no accents. Where some were typed they tell much ("bán", "bạn", "bản"), so each
accented word is a feature besides; half of the examples are learned without, so that DIET does
not lean on what many citizens never type. The vocabulary is stored as JSON inside the model.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import text

DIGIT = re.compile(r"\d")
STORED = "vocabulary.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class VietnameseFeaturizer(SparseFeaturizer, GraphComponent):
    """Marks each word with the pairs it stands in and the shape it has."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Tokens must be there first."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """A pair that fewer examples hold than `fewest` is no feature."""
        return {**SparseFeaturizer.get_default_config(), "fewest": 2}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        vocabulary: dict[str, int] | None = None,
    ) -> None:
        """Known features by their column."""
        super().__init__(execution_context.node_name, config)
        self._storage, self._resource = model_storage, resource
        self._vocabulary = vocabulary or {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> VietnameseFeaturizer:
        """A featurizer that knows nothing yet."""
        return cls(config, model_storage, resource, execution_context)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> VietnameseFeaturizer:
        """The featurizer as it was trained."""
        with model_storage.read_from(resource) as folder:
            known = json.loads((folder / STORED).read_text(encoding="utf-8"))
        columns = {name: column for column, name in enumerate(known)}
        return cls(config, model_storage, resource, execution_context, columns)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Refuse a threshold that keeps nothing out or everything."""
        if not isinstance(config["fewest"], int) or config["fewest"] < 1:
            raise ValueError("VietnameseFeaturizer: fewest must be a whole number from 1 up")

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which features there are."""
        counts = Counter(
            name
            for example in training_data.training_examples
            for name in {n for names in features(example) for n in names}
        )
        known = sorted(name for name, n in counts.items() if n >= self._config["fewest"])
        self._vocabulary = {name: column for column, name in enumerate(known)}
        with self._storage.write_to(self._resource) as folder:
            stored = json.dumps(known, ensure_ascii=False, indent=0)
            (folder / STORED).write_text(stored, encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Mark all examples, every other one as if it had been typed without accents."""
        for example in training_data.training_examples:
            self._mark(example, accents=zlib.crc32(str(example.get(TEXT)).encode()) % 2 == 0)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Mark all messages."""
        for message in messages:
            self._mark(message)
        return messages

    def _mark(self, message: Message, *, accents: bool = True) -> None:
        rows = list(features(message, accents=accents))
        if not rows or not self._vocabulary:
            return
        matrix = scipy.sparse.lil_matrix((len(rows), len(self._vocabulary)), dtype="float32")
        for row, names in enumerate(rows):
            for name in names:
                if name in self._vocabulary:
                    matrix[row, self._vocabulary[name]] = 1.0
        sequence = matrix.tocsr()
        sentence = scipy.sparse.coo_matrix(sequence.max(axis=0))
        self.add_features_to_message(sequence.tocoo(), sentence, TEXT, message)


def features(message: Message, *, accents: bool = True) -> Iterator[list[str]]:
    """The names of each token's features."""
    tokens: list[Token] = message.get(TOKENS_NAMES[TEXT]) or []
    # Ends count as words, so that "cảm ơn" alone is told from "cảm ơn, cho hỏi".
    bounded = ["<", *(DIGIT.sub("0", token.text) for token in tokens), ">"]
    for place, token in enumerate(tokens):
        before, word, after = bounded[place : place + 3]
        names = [f"{before} {word}", f"{word} {after}"]
        if "0" in word:
            names.append(f"#{word}")
        written = text.clean(message.get(TEXT)[token.start : token.end]).lower()
        if accents and text.has_accents(written):
            names.append(f"^{written}")
        yield names
