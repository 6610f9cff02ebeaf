"""What is released, gathered until there is enough of it to be written by the block."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TypeVar

from app.releases.files.dataset import DatasetWriter, Place, config_of_pair, config_of_response, split_of
from app.releases.manifest import DEFAULT_CONFIG, DatasetName
from app.releases.rows.blocks import PairBlock, QABlock
from app.releases.rows.fields import Fields
from app.releases.rows.judgements import JudgedItem, Judgement
from app.releases.rows.long_format import annotation_rows, consensus_rows, item_fields
from app.releases.rows.pku import QAPair, ResponsePair
from app.releases.rows.published import beavertails_rows, dual_rows, qa_rows, single_rows
from app.releases.rows.rules import DropReason, PairReasons
from app.releases.rows.training import (
    AskedPrompt,
    conversational_rows,
    preference_rows,
    prompt_rows,
    unpaired_rows,
    v0_rows,
)

MOST_ROWS = 4_000
MOST_LETTERS = 2_000_000
"""Of what waits; a part of a release takes some ten times as many bytes while it writes them."""

Rows = tuple[Fields, ...]
GatheredPair = tuple[ResponsePair, PairReasons]
GatheredItem = tuple[JudgedItem, list[Judgement], list[Judgement]]
Gathered = TypeVar("Gathered")

QA_SHAPES: dict[DatasetName, Callable[[QABlock, tuple[str, ...]], Rows]] = {
    DatasetName.QA: qa_rows,
    DatasetName.BEAVERTAILS: beavertails_rows,
    DatasetName.UNPAIRED: lambda block, _: unpaired_rows(block),
}
BETTER, SAFER, SINGLE = (attrgetter(name) for name in ("better", "safer", "single"))


def preferred(
    rows: Callable[[PairBlock, list[object]], Rows], side: Callable[[ResponsePair], object]
) -> Callable[[PairBlock, tuple[str, ...]], Rows]:
    return lambda block, _: rows(block, [side(pair) for pair in block.pairs])


PAIR_SHAPES: dict[DatasetName, Callable[[PairBlock, tuple[str, ...]], Rows]] = {
    DatasetName.DUAL: dual_rows,
    DatasetName.SINGLE: lambda block, _: single_rows(block),
    DatasetName.V0: lambda block, _: v0_rows(block),
    DatasetName.HELPFUL: preferred(preference_rows, BETTER),
    DatasetName.HARMLESS: preferred(preference_rows, SAFER),
    DatasetName.OVERALL: preferred(preference_rows, SINGLE),
    DatasetName.HELPFUL_CHAT: preferred(conversational_rows, BETTER),
    DatasetName.HARMLESS_CHAT: preferred(conversational_rows, SAFER),
    DatasetName.OVERALL_CHAT: preferred(conversational_rows, SINGLE),
}
OF_PREFERENCES = {
    "dual": (DatasetName.DUAL, DatasetName.V0),
    "helpful": (DatasetName.HELPFUL, DatasetName.HELPFUL_CHAT),
    "harmless": (DatasetName.HARMLESS, DatasetName.HARMLESS_CHAT),
    "single": (DatasetName.SINGLE, DatasetName.OVERALL, DatasetName.OVERALL_CHAT),
}
REASON_OF = {name: attrgetter(reason) for reason, names in OF_PREFERENCES.items() for name in names}
PAIR_REASONS: tuple[tuple[DatasetName, Callable[[PairReasons], DropReason | None]], ...] = tuple(
    (name, REASON_OF[name]) for name in PAIR_SHAPES
)
"""Of each dataset of pairs, which of a pair's reasons leaves it out."""


class Gathering:
    """Takes what is released, in the order of the rows; `write` comes last."""

    def __init__(
        self, datasets: Mapping[DatasetName, DatasetWriter], category_names: tuple[str, ...]
    ) -> None:
        self._of = datasets
        self._categories = category_names
        self._prompts: list[AskedPrompt] = []
        self._qa_pairs: list[QAPair] = []
        self._pairs: list[GatheredPair] = []
        self._judged: list[GatheredItem] = []
        self._n_rows = self._n_letters = 0

    def add_prompt(self, prompt: AskedPrompt) -> None:
        self._prompts.append(prompt)
        self._count(1, len(prompt.text))

    def add_qa_pair(self, pair: QAPair) -> None:
        self._qa_pairs.append(pair)
        self._count(1, len(pair.prompt) + len(pair.response.text))

    def add_pair(self, pair: ResponsePair, reasons: PairReasons) -> None:
        """With a reason fewer than there are."""
        self._pairs.append((pair, reasons))
        self._count(1, len(pair.prompt) + len(pair.response_0.text) + len(pair.response_1.text))

    def add_judged(self, item: JudgedItem, good: list[Judgement], published: list[Judgement]) -> None:
        """`good`: those that count, one or more; `published`: those of them that are told singly."""
        self._judged.append((item, good, published))
        self._count(1 + len(published), 0)

    def _count(self, n_rows: int, n_letters: int) -> None:
        self._n_rows += n_rows
        self._n_letters += n_letters
        if self._n_rows >= MOST_ROWS or self._n_letters >= MOST_LETTERS:
            self.write()

    def write(self) -> None:
        """All that waits."""
        if self._prompts:
            self._write_prompts()
        if self._qa_pairs:
            self._write_qa_pairs()
        if self._pairs:
            self._write_pairs()
        if self._judged:
            self._write_judged()
        for waiting in (self._prompts, self._qa_pairs, self._pairs, self._judged):
            waiting.clear()
        self._n_rows = self._n_letters = 0

    def _write_prompts(self) -> None:
        places, prompts = by_place(self._prompts, place_of_prompt)
        self._of[DatasetName.PROMPT].write(places, prompt_rows(prompts))

    def _write_qa_pairs(self) -> None:
        places, pairs = by_place(self._qa_pairs, place_of_qa_pair)
        block = QABlock.of(pairs)
        for name, rows in QA_SHAPES.items():
            if name in self._of:
                self._of[name].write(places, rows(block, self._categories))

    def _write_pairs(self) -> None:
        places, pairs = by_place(self._pairs, place_of_pair)
        block = PairBlock.of([pair for pair, _ in pairs])
        for name, why in PAIR_REASONS:
            numbers = [number for number, (_, reasons) in enumerate(pairs) if why(reasons) is None]
            if numbers:
                rows = PAIR_SHAPES[name](block.at(numbers), self._categories)
                self._of[name].write([places[number] for number in numbers], rows)

    def _write_judged(self) -> None:
        places, gathered = by_place(self._judged, place_of_judged)
        judged = [item for item, _, _ in gathered]
        items = item_fields(judged)
        answers = [(number, each) for number, (_, _, published) in enumerate(gathered) for each in published]
        if answers:
            numbers = [number for number, _ in answers]
            rows = annotation_rows(items, numbers, [each for _, each in answers], self._categories)
            self._of[DatasetName.ANNOTATIONS].write([places[number] for number in numbers], rows)
        good = [of_item for _, of_item, _ in gathered]
        self._of[DatasetName.CONSENSUS].write(places, consensus_rows(items, judged, good, self._categories))


def by_place(
    gathered: Sequence[Gathered], place_of: Callable[[Gathered], Place]
) -> tuple[list[Place], list[Gathered]]:
    """Those of one file side by side, in the order in which they came; and of each its place."""
    places = [place_of(each) for each in gathered]
    order = sorted(range(len(places)), key=places.__getitem__)
    return [places[number] for number in order], [gathered[number] for number in order]


def place_of_prompt(prompt: AskedPrompt) -> Place:
    return DEFAULT_CONFIG, split_of(prompt.text)


def place_of_qa_pair(pair: QAPair) -> Place:
    return config_of_response(pair.response), split_of(pair.prompt)


def place_of_pair(gathered: GatheredPair) -> Place:
    pair, _ = gathered
    return config_of_pair(pair), split_of(pair.prompt)


def place_of_judged(gathered: GatheredItem) -> Place:
    item, _, _ = gathered
    return item.dimension, item.split
