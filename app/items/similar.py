"""Responses nearly the same as an earlier one to the same prompt: reported, and left out by choice.

Earlier ones are those of the same batch, and those that are stored. An equal text is no near-duplicate but
the same response. What was left out is compared with no more: of a chain of small changes, all stay that
differ enough from those that stay.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from app.items.findings import Findings, name_of
from app.items.merge import Known, Numbered
from app.items.report import InFile, Outcome, Report
from app.items.rows import Row
from app.items.texts.likeness import Compared, lengths_alike, likeness

LEAST_ALIKE = 0.8
# Of one prompt the newest.
MOST_COMPARED = 10


class Earlier(NamedTuple):
    """`id`: of a stored response, 0 for one of this batch; then `line` is its line."""

    id: int
    line: int
    text: Compared


class Similar(NamedTuple):
    """`where`: the earlier one is, in words."""

    where: str
    likeness: float


class SimilarResponses:
    """Those of one import. `leave_out_from`: what is as alike as this, 0 to 1, is left out; None: nothing."""

    def __init__(self, leave_out_from: float | None) -> None:
        self._leaves_out = leave_out_from is not None
        self._least_alike = LEAST_ALIKE if leave_out_from is None else leave_out_from
        # Of the responses that this import stored, ascending, and the line of each; of each file the first.
        self._ids = array("q")
        self._lines = array("q")
        self._files: list[tuple[int, InFile]] = []

    def sifted(
        self,
        known: Known,
        batch: Sequence[Numbered],
        findings: Findings,
        report: Report,
    ) -> list[Numbered]:
        """The batch without the responses, and rows, that are left out. `known`: with MOST_COMPARED texts."""
        stored = stored_responses(known)
        similar: dict[int, dict[int, Similar]] = {}
        # One prompt after the other, so that what a comparison needs is kept for one prompt alone.
        for sha256, places in places_to_compare(batch, known.prompts).items():
            earlier = stored.pop(known.prompts.get(sha256), [])
            similar.update(self._similar_among(batch, places, earlier, report.in_file))
        if not similar:
            return list(batch)
        return [
            sifted
            for place, numbered in enumerate(batch)
            if (sifted := self._sifted_row(numbered, similar.get(place), findings, report))
        ]

    def _similar_among(
        self, batch: Sequence[Numbered], places: list[int], known: list[Earlier], in_file: InFile
    ) -> Iterator[tuple[int, dict[int, Similar]]]:
        """Of one prompt's rows in the batch: the place of each with similar responses, these by position."""
        for place in places:
            line, row = batch[place]
            similar = {}
            for position, response in enumerate(row.responses):
                compared = Compared(response.text)
                found = self._most_alike(compared, known, in_file) if known else None
                if found:
                    similar[position] = found
                if not (found and self._leaves_out):
                    known.append(Earlier(0, line, compared))
            if similar:
                yield place, similar

    def _sifted_row(
        self, numbered: Numbered, similar: dict[int, Similar] | None, findings: Findings, report: Report
    ) -> Numbered | None:
        """None where the whole row is left out."""
        if not similar:
            return numbered
        line, row = numbered
        note(line, row, similar, findings, report, is_left_out=self._leaves_out)
        if not self._leaves_out:
            return numbered
        return Numbered(line, without(row, similar)) if len(similar) < len(row.responses) else None

    def remember(
        self, batch: Sequence[Numbered], response_ids: Sequence[Sequence[int]], in_file: InFile
    ) -> None:
        """Which line each newly stored response is from."""
        if not self._files or self._files[-1][1] != in_file:
            self._files.append((self._ids[-1] + 1 if self._ids else 0, in_file))
        for (line, _), ids in zip(batch, response_ids, strict=True):
            for id_ in ids:
                if not self._ids or id_ > self._ids[-1]:
                    self._ids.append(id_)
                    self._lines.append(line)

    def _most_alike(self, compared: Compared, known: list[Earlier], in_file: InFile) -> Similar | None:
        """None too where the same text is there."""
        most, most_alike = None, 0.0
        shortest, longest = lengths_alike(len(compared.text), self._least_alike)
        for earlier in known[-MOST_COMPARED:]:
            text = earlier.text.text
            if not shortest <= len(text) <= longest:
                continue
            if text == compared.text:
                return None
            found = likeness(compared, earlier.text, self._least_alike)
            if found > most_alike:
                most, most_alike = earlier, found
        if most is None:
            return None
        return Similar(self._where(most.id) if most.id else in_file.where(most.line), most_alike)

    def _where(self, response_id: int) -> str:
        place = bisect_left(self._ids, response_id)
        if place == len(self._ids) or self._ids[place] != response_id:
            return "of an earlier import"
        in_file = self._files[bisect_right(self._files, response_id, key=itemgetter(0)) - 1][1]
        return in_file.where(self._lines[place])


def stored_responses(known: Known) -> dict[int | None, list[Earlier]]:
    """By their prompt, the newest last."""
    found: dict[int | None, list[Earlier]] = {}
    for prompt_id, _, id_, text in reversed(known.responses):
        if text is not None:
            found.setdefault(prompt_id, []).append(Earlier(id_, 0, Compared(text)))
    return found


def places_to_compare(
    batch: Sequence[Numbered], known_prompts: Mapping[bytes, int]
) -> dict[bytes, list[int]]:
    """Where the rows stand of each prompt that has several responses, here or with those that are stored."""
    counts = Counter([row.prompt.sha256 for _, row in batch])
    places: dict[bytes, list[int]] = {}
    for place, (_, row) in enumerate(batch):
        sha256 = row.prompt.sha256
        if sha256 in known_prompts or counts[sha256] > 1 or len(row.responses) > 1:
            places.setdefault(sha256, []).append(place)
    return places


def note(
    line: int,
    row: Row,
    similar: dict[int, Similar],
    findings: Findings,
    report: Report,
    *,
    is_left_out: bool,
) -> None:
    is_row_left_out = is_left_out and len(similar) == len(row.responses)
    outcome = Outcome.LEFT_OUT if is_row_left_out else Outcome.IMPORTED
    for position, (where, found) in similar.items():
        findings.similar.add(report.in_file.place(line))
        findings.n_left_out += is_left_out
        reason = f"nearly the same as a response {where} (similarity {found:.2f})"
        report.warn(line, name_of(row, position), f"{reason}; left out" if is_left_out else reason, outcome)
    if is_left_out:
        dropped = "the preference is dropped, since a response it is about is left out"
        for dimension in lost_preferences(row, similar):
            report.warn(line, dimension, dropped, outcome)


def without(row: Row, left_out: Collection[int]) -> Row:
    """The row without these responses, by their positions; at least one stays. Labels follow responses."""
    kept = [position for position in range(len(row.responses)) if position not in left_out]
    lost = lost_preferences(row, left_out)
    return row._replace(
        responses=tuple(row.responses[position] for position in kept),
        safety=tuple(row.safety[position] for position in kept) if row.safety else (),
        preferences=tuple(
            (dimension, kept.index(preferred))
            for dimension, preferred in row.preferences
            if dimension not in lost
        ),
    )


def lost_preferences(row: Row, left_out: Collection[int]) -> list[str]:
    """The dimensions of those whose preferred response is gone, or has no other beside it any more."""
    n_kept = len(row.responses) - len(left_out)
    return [dimension for dimension, preferred in row.preferences if n_kept < 2 or preferred in left_out]
