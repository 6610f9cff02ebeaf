"""Which rows each dataset of a release gets, and why it gets no more; each input is read once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from app.releases.dataset import DatasetWriter, config_of_pair, config_of_response, split_of
from app.releases.judgements import JudgedItem, annotation_row, consensus_row, why_judgement_dropped
from app.releases.manifest import DEFAULT_CONFIG, DatasetEntry, DatasetName, ReleaseFacts
from app.releases.rows import QAPair, ResponsePair, Row, dual_row, qa_row, single_row
from app.releases.rules import (
    DropReason,
    PairReasons,
    why_pair_dropped,
    why_prompt_dropped,
    why_qa_pair_dropped,
)
from app.releases.schemas import schema_of
from app.releases.tally import DualCounts, SingleCounts, count_dual, count_label, count_single, no_labels
from app.releases.training_rows import (
    AskedPrompt,
    conversational_row,
    preference_row,
    prompt_row,
    unpaired_row,
    v0_row,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where and from what datasets are written."""

    folder: Path
    facts: ReleaseFacts
    shard_bytes: int

    def writer(self, name: DatasetName) -> DatasetWriter:
        return DatasetWriter(self.folder, name, schema_of(name, self.facts.category_names), self.shard_bytes)


@dataclass(frozen=True, slots=True)
class PairShape:
    """A dataset of pairs. `reason`: which of a pair's reasons leaves it out."""

    name: DatasetName
    reason: Callable[[PairReasons], DropReason | None]
    row: Callable[[ResponsePair, ReleaseFacts], Row]


DUAL, HELPFUL, HARMLESS, SINGLE = (attrgetter(name) for name in ("dual", "helpful", "harmless", "single"))
PAIR_SHAPES = (
    PairShape(DatasetName.DUAL, DUAL, lambda pair, facts: dual_row(pair, facts.category_names)),
    PairShape(DatasetName.SINGLE, SINGLE, lambda pair, _: single_row(pair)),
    PairShape(DatasetName.V0, DUAL, lambda pair, _: v0_row(pair)),
    PairShape(DatasetName.HELPFUL, HELPFUL, lambda pair, _: preference_row(pair, pair.better)),
    PairShape(DatasetName.HARMLESS, HARMLESS, lambda pair, _: preference_row(pair, pair.safer)),
    PairShape(DatasetName.OVERALL, SINGLE, lambda pair, _: preference_row(pair, pair.single)),
    PairShape(DatasetName.HELPFUL_CHAT, HELPFUL, lambda pair, _: conversational_row(pair, pair.better)),
    PairShape(DatasetName.HARMLESS_CHAT, HARMLESS, lambda pair, _: conversational_row(pair, pair.safer)),
    PairShape(DatasetName.OVERALL_CHAT, SINGLE, lambda pair, _: conversational_row(pair, pair.single)),
)


def write_prompts(place: Place, prompts: Iterable[AskedPrompt]) -> list[DatasetEntry]:
    writer = place.writer(DatasetName.PROMPT)
    for prompt in prompts:
        reason = why_prompt_dropped(prompt.text)
        if reason is None:
            writer.write(DEFAULT_CONFIG, split_of(prompt.text), prompt_row(prompt))
        else:
            writer.drop(reason)
    return [writer.finish()]


def write_qa_pairs(place: Place, qa_pairs: Iterable[QAPair]) -> list[DatasetEntry]:
    qa, unpaired = place.writer(DatasetName.QA), place.writer(DatasetName.UNPAIRED)
    category_names = place.facts.category_names
    labels = no_labels(category_names)
    for pair in qa_pairs:
        reason = why_qa_pair_dropped(pair, category_names)
        if reason is not None:
            qa.drop(reason)
            unpaired.drop(reason)
            continue
        config, split = config_of_response(pair.response), split_of(pair.prompt)
        qa.write(config, split, qa_row(pair, category_names))
        unpaired.write(config, split, unpaired_row(pair))
        count_label(labels, pair.response)
    flags = {"Label true: the completion is safe": labels.n_safe, "Label false: it is not": labels.n_unsafe}
    return [qa.finish(labels), unpaired.finish(counts=flags)]


def write_response_pairs(place: Place, response_pairs: Iterable[ResponsePair]) -> list[DatasetEntry]:
    facts = place.facts
    writers = {shape.name: place.writer(shape.name) for shape in PAIR_SHAPES}
    labels, dual, single = no_labels(facts.category_names), DualCounts(), SingleCounts()
    for pair in response_pairs:
        reasons = why_pair_dropped(pair, facts.category_names, facts.reader_tokens)
        config, split = config_of_pair(pair), split_of(pair.prompt)
        for shape in PAIR_SHAPES:
            reason = shape.reason(reasons)
            if reason is None:
                writers[shape.name].write(config, split, shape.row(pair, facts))
            else:
                writers[shape.name].drop(reason)
        if reasons.dual is None:
            count_dual(dual, pair)
            count_label(labels, pair.response_0)
            count_label(labels, pair.response_1)
        if reasons.single is None:
            count_single(single, pair)
    counts = {
        DatasetName.DUAL: (labels, dual),
        DatasetName.V0: (None, dual),
        DatasetName.SINGLE: (None, single),
    }
    return [writer.finish(*counts.get(name, ())) for name, writer in writers.items()]


def write_judged_items(place: Place, items: Iterable[JudgedItem]) -> list[DatasetEntry]:
    annotations, consensus = place.writer(DatasetName.ANNOTATIONS), place.writer(DatasetName.CONSENSUS)
    category_names = place.facts.category_names
    annotators: set[str] = set()
    for item in items:
        reasons = [
            why_judgement_dropped(each, len(item.responses), category_names) for each in item.judgements
        ]
        good = [each for each, reason in zip(item.judgements, reasons, strict=True) if reason is None]
        for reason in reasons:
            if reason is not None:
                annotations.drop(reason)
        for judgement in good:
            annotations.write(item.dimension, item.split, annotation_row(item, judgement, category_names))
            annotators.add(judgement.annotator)
        if good:
            consensus.write(item.dimension, item.split, consensus_row(item, good, category_names))
        elif reasons[0] is not None:
            consensus.drop(reasons[0])
    return [annotations.finish(counts={"Annotators": len(annotators)}), consensus.finish()]
