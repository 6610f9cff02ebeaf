"""QA pairs and pairs of responses whose rows are written together, and their texts in both forms."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from app.releases.rows.fields import FLAG, Fields, Texts, texts_of, values_of
from app.releases.rows.pku import QAPair, ResponsePair


class QABlock(NamedTuple):
    """One or more."""

    pairs: Sequence[QAPair]
    prompts: Texts
    responses: Texts

    @classmethod
    def of(cls, pairs: Sequence[QAPair]) -> "QABlock":
        prompts = texts_of([pair.prompt for pair in pairs])
        return cls(pairs, prompts, texts_of([pair.response.text for pair in pairs]))


class PairBlock(NamedTuple):
    """One or more. `first`, `second`: the texts of the responses."""

    pairs: Sequence[ResponsePair]
    prompts: Texts
    first: Texts
    second: Texts

    @classmethod
    def of(cls, pairs: Sequence[ResponsePair]) -> "PairBlock":
        prompts = texts_of([pair.prompt for pair in pairs])
        first = texts_of([pair.response_0.text for pair in pairs])
        return cls(pairs, prompts, first, texts_of([pair.response_1.text for pair in pairs]))

    def at(self, places: Sequence[int]) -> "PairBlock":
        """Those at these places, in this order."""
        if len(places) == len(self.pairs):
            return self
        taken = pa.array(places, pa.int32())
        texts = (self.prompts.at(taken), self.first.at(taken), self.second.at(taken))
        return PairBlock([self.pairs[place] for place in places], *texts)

    def texts(self) -> tuple[Fields, ...]:
        """The beginning of a row."""
        named = (self.first.named("response_0"), self.second.named("response_1"))
        return self.prompts.named("prompt"), *named

    def safe_flags(self) -> Fields:
        kinds = {"is_response_0_safe": FLAG, "is_response_1_safe": FLAG}
        return values_of(kinds, [(pair.response_0.is_safe, pair.response_1.is_safe) for pair in self.pairs])

    def in_order(self, chosen: Sequence[object]) -> tuple[Texts, Texts]:
        """The chosen texts, and the others. `chosen`: 0 or 1, the preferred side of each pair."""
        n = len(self.pairs)
        both = Texts(
            pa.concat_arrays([self.first.json, self.second.json]),
            pa.concat_arrays([self.first.plain, self.second.plain]),
        )
        kept = np.arange(n) + n * np.array([side != 0 for side in chosen])
        return both.at(pa.array(kept)), both.at(pa.array((kept + n) % (2 * n)))
