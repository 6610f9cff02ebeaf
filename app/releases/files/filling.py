"""Which rows each dataset of a release gets, and why it gets no more."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from app.releases.files.dataset import DatasetWriter
from app.releases.files.gathering import PAIR_REASONS, QA_SHAPES, Gathering
from app.releases.files.left_out import Kind, LeftOut
from app.releases.files.split_files import SHARD_BYTES
from app.releases.files.staging import PartMade
from app.releases.manifest import DatasetName
from app.releases.rows.filters import (
    ALL_WANTED,
    Wanted,
    why_pair_left_out,
    why_prompt_left_out,
    why_qa_pair_left_out,
)
from app.releases.rows.judgements import JudgedItem, Judgement, why_judgement_dropped
from app.releases.rows.pku import QAPair, ResponsePair
from app.releases.rows.rules import READER_TOKENS, DropReason
from app.releases.rows.schemas import datasets_by, schema_of
from app.releases.rows.tally import DualCounts, SingleCounts, count_dual, count_label, count_single, no_labels
from app.releases.rows.training import AskedPrompt


class Filling:
    """Takes what a part of a release holds, in the order of the rows, and writes it into all datasets."""

    def __init__(
        self,
        folder: Path,
        category_names: tuple[str, ...],
        reader_tokens: int = READER_TOKENS,
        shard_bytes: int = SHARD_BYTES,
        wanted: Wanted = ALL_WANTED,
    ) -> None:
        """`reader_tokens`: see `rules.READER_TOKENS`."""
        self._categories = category_names
        self._wanted = wanted
        self._reader_tokens = reader_tokens
        self._of = {
            name: DatasetWriter(folder, name, schema_of(name, category_names), shard_bytes)
            for name in datasets_by(category_names)
        }
        self._qa_names = [name for name in QA_SHAPES if name in self._of]
        self._rows = Gathering(self._of, category_names)
        self._left_out = LeftOut(folder)
        self._qa_labels, self._dual_labels = no_labels(self._categories), no_labels(self._categories)
        self._dual, self._single = DualCounts(), SingleCounts()
        self._annotators: set[str] = set()

    def add_prompt(self, prompt: AskedPrompt) -> None:
        """Each is given once."""
        reason = why_prompt_left_out(prompt.text, self._wanted)
        if reason is None:
            self._rows.add_prompt(prompt)
        else:
            self._of[DatasetName.PROMPT].drop(reason)
            checksum = sha256(prompt.text.encode()).hexdigest()
            self._left_out.add(Kind.PROMPT, [checksum], {DatasetName.PROMPT: reason})

    def add_qa_pair(self, pair: QAPair) -> None:
        reason = why_qa_pair_left_out(pair, self._categories, self._wanted)
        if reason is not None:
            for name in self._qa_names:
                self._of[name].drop(reason)
            self._left_out.add(Kind.QA_PAIR, [pair.checksum], dict.fromkeys(self._qa_names, reason))
            return
        self._rows.add_qa_pair(pair)
        count_label(self._qa_labels, pair.response)

    def add_response_pair(self, pair: ResponsePair) -> None:
        reasons = why_pair_left_out(pair, self._categories, self._reader_tokens, self._wanted)
        dropped = {name: reason for name, why in PAIR_REASONS if (reason := why(reasons)) is not None}
        for name, reason in dropped.items():
            self._of[name].drop(reason)
        if dropped:
            self._left_out.add(Kind.PAIR, pair.checksums, dropped)
        if len(dropped) < len(PAIR_REASONS):
            self._rows.add_pair(pair, reasons)
        if reasons.dual is None:
            count_dual(self._dual, pair)
            count_label(self._dual_labels, pair.response_0)
            count_label(self._dual_labels, pair.response_1)
        if reasons.single is None:
            count_single(self._single, pair)

    def add_judged_item(self, item: JudgedItem, left_out: DropReason | None = None) -> None:
        """With one judgement or more. `left_out`: why the item as a whole is."""
        n_responses = len(item.responses)
        reasons = [
            left_out or why_judgement_dropped(each.said, n_responses, self._categories)
            for each in item.judgements
        ]
        good = [each for each, reason in zip(item.judgements, reasons, strict=True) if reason is None]
        for judgement, reason in zip(item.judgements, reasons, strict=True):
            if reason is not None or judgement.is_withheld:
                self._leave_out_judgement(item, judgement, reason or DropReason.WITHDRAWN)
        if good:
            published = [each for each in good if not each.is_withheld]
            self._annotators.update([each.annotator for each in published])
            self._rows.add_judged(item, good, published)
        elif reasons[0] is not None:
            self._of[DatasetName.CONSENSUS].drop(reasons[0])

    def _leave_out_judgement(self, item: JudgedItem, judgement: Judgement, reason: DropReason) -> None:
        """One that is withheld may count all the same, and is not told singly."""
        self._of[DatasetName.ANNOTATIONS].drop(reason)
        who = {} if judgement.is_withheld else {"annotator": judgement.annotator}
        reasons = {DatasetName.ANNOTATIONS: reason}
        self._left_out.add(Kind.ANNOTATION, item.responses, reasons, dimension=item.dimension, **who)

    def finish(self) -> PartMade:
        """Write what is left; nothing can be added any more."""
        self._rows.write()
        self._left_out.finish()
        labels = self._qa_labels
        flags = {
            "Label true: the completion is safe": labels.n_safe,
            "Label false: it is not": labels.n_unsafe,
        }
        counted: dict[DatasetName, dict[str, Any]] = {
            DatasetName.QA: {"labels": labels},
            DatasetName.BEAVERTAILS: {"labels": labels},
            DatasetName.UNPAIRED: {"counts": flags},
            DatasetName.DUAL: {"labels": self._dual_labels, "pairs": self._dual},
            DatasetName.V0: {"pairs": self._dual},
            DatasetName.SINGLE: {"pairs": self._single},
            DatasetName.ANNOTATIONS: {"annotators": self._annotators},
        }
        datasets = tuple(writer.finish(**counted.get(name, {})) for name, writer in self._of.items())
        return PartMade(datasets, self._left_out.n_rows)
