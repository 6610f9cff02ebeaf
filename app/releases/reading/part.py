"""What a part of a release holds: read from the database, put together, and handed on to be written."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy.orm import Session

from app.adjudication.queries import outcomes
from app.items.models import ItemKind
from app.projects.models import Project
from app.projects.taxonomy import Taxonomy
from app.queues.models import Dimension
from app.releases.files.filling import Filling
from app.releases.reading.consensus import Decisions, Verdict, supported, verdict_on
from app.releases.reading.judged import Judged, judged_items
from app.releases.reading.labels import SafetyLabels, labelled
from app.releases.reading.plan import Part, PartKind
from app.releases.reading.texts import ReleasedItem, items_in, prompts_in
from app.releases.rows.filters import Wanted, why_item_left_out
from app.releases.rows.judgements import JudgedItem
from app.releases.rows.pku import LabelledResponse, QAPair, ResponsePair

RANKINGS = (Dimension.HELPFULNESS, Dimension.HARMLESSNESS, Dimension.SINGLE)

Labelled = tuple[ReleasedItem, list[LabelledResponse]]
OnProgress = Callable[[int], None]
"""Is told how many items, or prompts, more have been read. May raise, to end it all."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows come from. `salt`: of the annotators' pseudonyms."""

    session: Session
    project: Project
    taxonomy: Taxonomy
    labels: SafetyLabels
    salt: bytes
    wanted: Wanted

    def judged(self, dimension: Dimension, items: Sequence[ReleasedItem]) -> Judged:
        return judged_items(self.session, self.project.id, dimension, items, self.salt, self.wanted)

    def labelled(
        self, items: Sequence[ReleasedItem]
    ) -> Iterator[tuple[ReleasedItem, list[LabelledResponse]]]:
        """Each item with its responses; all labels by one look-up."""
        codes = iter(self.labels.codes_of([response.id for item in items for response in item.responses]))
        for item in items:
            yield (
                item,
                [
                    labelled(response.text, response.source, next(codes), self.taxonomy)
                    for response in item.responses
                ],
            )


def fill(source: Source, part: Part, filling: Filling, on_progress: OnProgress) -> None:
    """`part`: of prompts or of items."""
    FILL[part.kind](source, part, filling, on_progress)


def fill_prompts(source: Source, part: Part, filling: Filling, on_progress: OnProgress) -> None:
    for prompt in prompts_in(source.session, source.project.id, part):
        filling.add_prompt(prompt)
    on_progress(part.n_items)


def fill_qa_pairs(source: Source, part: Part, filling: Filling, on_progress: OnProgress) -> None:
    for items in items_in(source.session, source.project.id, ItemKind.QA_PAIR, part):
        judged = source.judged(Dimension.SAFETY, items)
        for item, (response,) in source.labelled(items):
            filling.add_qa_pair(QAPair(item.prompt, item.prompt_source, response, item.checksums[0]))
            if item.id in judged:
                add_judged(source, filling, item, judged[item.id], [response])
        on_progress(len(items))


def fill_response_sets(source: Source, part: Part, filling: Filling, on_progress: OnProgress) -> None:
    session, project = source.session, source.project
    decisions = {dimension: outcomes(session, project.id, dimension, part.ids) for dimension in RANKINGS}
    for items in items_in(session, project.id, ItemKind.RESPONSE_SET, part):
        judged = {dimension: source.judged(dimension, items) for dimension in RANKINGS}
        for item, responses in source.labelled(items):
            answers = {dimension: judged[dimension].get(item.id) for dimension in RANKINGS}
            verdicts = [
                verdict_of(source, answers[dimension], decisions[dimension], item.id)
                for dimension in RANKINGS
            ]
            add_pairs(filling, item, responses, *verdicts)
            for given in answers.values():
                if given is not None:
                    add_judged(source, filling, item, given, responses)
        on_progress(len(items))


def verdict_of(source: Source, item: JudgedItem | None, decisions: Decisions, item_id: int) -> Verdict:
    """Where only some answers count, decisions do on what these are about."""
    filters = source.wanted.filters
    has_decisions = item is not None or not filters.restrict_answers
    verdict = verdict_on(source.project, item, decisions if has_decisions else {}, item_id)
    return supported(verdict, item, filters) if filters.restrict_support else verdict


def add_pairs(
    filling: Filling,
    item: ReleasedItem,
    responses: Sequence[LabelledResponse],
    better: Verdict,
    safer: Verdict,
    single: Verdict,
) -> None:
    """Every two responses, in the item's order."""
    for first, second in combinations(range(len(responses)), 2):
        filling.add_response_pair(
            ResponsePair(
                item.prompt,
                item.prompt_source,
                responses[first],
                responses[second],
                better=better(first, second),
                safer=safer(first, second),
                single=single(first, second),
                checksums=(item.checksums[first], item.checksums[second]),
            )
        )


def add_judged(
    source: Source,
    filling: Filling,
    item: ReleasedItem,
    answers: JudgedItem,
    responses: Sequence[LabelledResponse],
) -> None:
    filling.add_judged_item(answers, why_item_left_out(answers, item.prompt, responses, source.wanted))


FILL = {
    PartKind.PROMPTS: fill_prompts,
    PartKind.QA_PAIRS: fill_qa_pairs,
    PartKind.RESPONSE_SETS: fill_response_sets,
}
