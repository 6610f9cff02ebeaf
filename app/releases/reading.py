"""What a part of a release holds: read from the database, put together, and handed on to be written."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy.orm import Session

from app.adjudication.queries import outcomes
from app.items.models import ItemKind
from app.projects.models import Project
from app.queues.models import Dimension
from app.releases.consensus import Verdict, verdict_on
from app.releases.filling import Filling
from app.releases.judged import Judged, judged_items
from app.releases.labels import SafetyLabels, labelled
from app.releases.plan import Part, PartKind
from app.releases.rows import QAPair, ResponsePair
from app.releases.texts import ReleasedItem, items_in, prompts_in

RANKINGS = (Dimension.HELPFULNESS, Dimension.HARMLESSNESS, Dimension.SINGLE)

OnProgress = Callable[[int], None]
"""Is told how many items, or prompts, more have been read. May raise, to end it all."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows come from. `salt`: of the annotators' pseudonyms."""

    session: Session
    project: Project
    labels: SafetyLabels
    salt: bytes


def fill(source: Source, part: Part, filling: Filling, on_progress: OnProgress) -> None:
    """`part`: of prompts or of items."""
    FILL[part.kind](source, part, filling, on_progress)


def fill_prompts(source: Source, part: Part, filling: Filling, on_progress: OnProgress) -> None:
    for prompt in prompts_in(source.session, source.project.id, part):
        filling.add_prompt(prompt)
    on_progress(part.n_items)


def fill_qa_pairs(source: Source, part: Part, filling: Filling, on_progress: OnProgress) -> None:
    for items in items_in(source.session, source.project.id, ItemKind.QA_PAIR, part):
        judged = judged_items(source.session, source.project.id, Dimension.SAFETY, items, source.salt)
        codes = source.labels.codes_of([item.responses[0].id for item in items])
        for item, code in zip(items, codes, strict=True):
            response = labelled(item.responses[0].text, item.responses[0].source, code)
            filling.add_qa_pair(QAPair(item.prompt, item.prompt_source, response))
            if item.id in judged:
                filling.add_judged_item(judged[item.id])
        on_progress(len(items))


def fill_response_sets(source: Source, part: Part, filling: Filling, on_progress: OnProgress) -> None:
    session, project = source.session, source.project
    decisions = {dimension: outcomes(session, project.id, dimension, part.ids) for dimension in RANKINGS}
    for items in items_in(session, project.id, ItemKind.RESPONSE_SET, part):
        judged = {
            dimension: judged_items(session, project.id, dimension, items, source.salt)
            for dimension in RANKINGS
        }
        for item in items:
            verdicts = [
                verdict_on(project, judged[dimension].get(item.id), decisions[dimension], item.id)
                for dimension in RANKINGS
            ]
            add_pairs(filling, item, source.labels, *verdicts)
            add_judged(filling, item, judged)
        on_progress(len(items))


def add_pairs(
    filling: Filling,
    item: ReleasedItem,
    labels: SafetyLabels,
    better: Verdict,
    safer: Verdict,
    single: Verdict,
) -> None:
    """Every two responses, in the item's order."""
    codes = labels.codes_of([response.id for response in item.responses])
    responses = [
        labelled(response.text, response.source, code)
        for response, code in zip(item.responses, codes, strict=True)
    ]
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
            )
        )


def add_judged(filling: Filling, item: ReleasedItem, judged: dict[Dimension, Judged]) -> None:
    for dimension in RANKINGS:
        if item.id in judged[dimension]:
            filling.add_judged_item(judged[dimension][item.id])


FILL = {
    PartKind.PROMPTS: fill_prompts,
    PartKind.QA_PAIRS: fill_qa_pairs,
    PartKind.RESPONSE_SETS: fill_response_sets,
}
