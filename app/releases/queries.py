"""What goes into a release, and the releases there are."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import combinations, groupby
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, joinedload

from app.agreement.queries import ROWS_AT_ONCE
from app.db import now
from app.errors import NotFound
from app.i18n import gettext as _
from app.items.models import Item, ItemKind, ItemResponse, Prompt, Response
from app.projects.models import Project
from app.queues.models import Dimension
from app.releases.consensus import SafetyLabels, Verdicts, verdicts_of
from app.releases.models import Release, ReleaseState
from app.releases.rows import LabelledResponse, Preference, QAPair, ResponsePair
from app.releases.training_rows import AskedPrompt

AnyRow = Row[*tuple[Any, ...]]

PROMPT = Prompt.text.label("prompt")
PROMPT_SOURCE = Prompt.source.label("prompt_source")
RESPONSE = (Response.id.label("response_id"), Response.text, Response.source)


def release_of(session: Session, release_id: int) -> Release:
    """With its project. Raises NotFound."""
    release = session.scalar(
        select(Release).where(Release.id == release_id).options(joinedload(Release.project))
    )
    if release is None:
        raise NotFound(_("There is no such release."))
    return release


def releases_of_project(session: Session, project_id: int) -> Sequence[Release]:
    """Newest first."""
    return session.scalars(
        select(Release).where(Release.project_id == project_id).order_by(Release.number.desc())
    ).all()


def ids_not_ended(session: Session) -> Sequence[int]:
    """Of releases that wait or are written for a minute or more."""
    return session.scalars(
        select(Release.id).where(
            Release.state.in_((ReleaseState.WAITING, ReleaseState.RUNNING)),
            Release.created_at < now() - timedelta(minutes=1),
        )
    ).all()


def prompts(session: Session, project_id: int) -> Iterator[AskedPrompt]:
    """Every prompt of the project, by id; no two have the same text."""
    rows = session.execute(
        select(Prompt.text, Prompt.source).where(Prompt.project_id == project_id).order_by(Prompt.id),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    for row in rows:
        yield AskedPrompt(row.text, row.source)


def qa_pairs(session: Session, project_id: int, consensus: SafetyLabels) -> Iterator[QAPair]:
    """Every QA pair of the project, by item."""
    rows = session.execute(
        select(PROMPT, PROMPT_SOURCE, *RESPONSE)
        .select_from(Item)
        .join(Prompt, Prompt.id == Item.prompt_id)
        .join(ItemResponse, ItemResponse.item_id == Item.id)
        .join(Response, Response.id == ItemResponse.response_id)
        .where(Item.project_id == project_id, Item.kind == ItemKind.QA_PAIR)
        .order_by(Item.id),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    for row in rows:
        yield QAPair(row.prompt, row.prompt_source, labelled(row, consensus))


def response_pairs(session: Session, project: Project, consensus: SafetyLabels) -> Iterator[ResponsePair]:
    """Every two responses of every response set, by item, in the item's order."""
    better = verdicts_of(session, project, Dimension.HELPFULNESS)
    safer = verdicts_of(session, project, Dimension.HARMLESSNESS)
    single = verdicts_of(session, project, Dimension.SINGLE)
    for item_id, members in response_sets(session, project.id):
        responses = [labelled(member, consensus) for member in members]
        for first, second in combinations(range(len(responses)), 2):
            yield ResponsePair(
                members[0].prompt,
                members[0].prompt_source,
                responses[first],
                responses[second],
                better=preference(better, item_id, first, second),
                safer=preference(safer, item_id, first, second),
                single=preference(single, item_id, first, second),
            )


def response_sets(session: Session, project_id: int) -> Iterator[tuple[int, list[AnyRow]]]:
    """(item id, its prompt with each of its responses in the item's order) of each response set, by item."""
    rows = session.execute(
        select(Item.id, PROMPT, PROMPT_SOURCE, *RESPONSE)
        .join(Prompt, Prompt.id == Item.prompt_id)
        .join(ItemResponse, ItemResponse.item_id == Item.id)
        .join(Response, Response.id == ItemResponse.response_id)
        .where(Item.project_id == project_id, Item.kind == ItemKind.RESPONSE_SET)
        .order_by(Item.id, ItemResponse.position),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    for item_id, members in groupby(rows, lambda row: row.id):
        yield item_id, list(members)


def labelled(row: AnyRow, consensus: SafetyLabels) -> LabelledResponse:
    """`row`: with the columns of RESPONSE."""
    label = consensus.get(row.response_id)
    if label is None:
        is_awaiting = row.response_id in consensus
        return LabelledResponse(row.text, row.source, None, frozenset(), None, is_awaiting)
    return LabelledResponse(row.text, row.source, label.is_safe, label.harm_categories, label.severity)


def preference(verdicts: Verdicts, item_id: int, first: int, second: int) -> Preference | None:
    if item_id not in verdicts:
        return None
    verdict = verdicts[item_id]
    return "awaiting" if verdict is None else verdict(first, second)
