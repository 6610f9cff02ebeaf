"""What goes into a release, and the releases there are."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import combinations, groupby
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, joinedload

from app.agreement.consensus import SafetyConsensus, majority_preference, majority_safety
from app.agreement.queries import ROWS_AT_ONCE, orders_by_item, safety_votes
from app.db import now
from app.errors import NotFound
from app.i18n import gettext as _
from app.items.models import Item, ItemKind, ItemResponse, Prompt, Response
from app.projects.taxonomy import CATEGORY_NAMES
from app.queues.models import Dimension
from app.releases.models import Release, ReleaseState
from app.releases.rows import LabelledResponse, Preference, QAPair, ResponsePair

Consensus = dict[int, SafetyConsensus]
Orders = dict[int, list[list[int]]]

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


def safety_consensus(session: Session, project_id: int) -> Consensus:
    """By response id; a response whose annotations are not complete has none."""
    found = (
        (response_id, majority_safety(votes, CATEGORY_NAMES))
        for response_id, votes in safety_votes(session, project_id)
    )
    return {response_id: consensus for response_id, consensus in found if consensus is not None}


def qa_pairs(session: Session, project_id: int, consensus: Consensus) -> Iterator[QAPair]:
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


def response_pairs(session: Session, project_id: int, consensus: Consensus) -> Iterator[ResponsePair]:
    """Every two responses of every response set, by item, in the item's order."""
    better = orders_of(session, project_id, Dimension.HELPFULNESS)
    safer = orders_of(session, project_id, Dimension.HARMLESSNESS)
    single = orders_of(session, project_id, Dimension.SINGLE)
    for item_id, members in response_sets(session, project_id):
        responses = [labelled(member, consensus) for member in members]
        for first, second in combinations(range(len(responses)), 2):
            yield ResponsePair(
                members[0].prompt,
                members[0].prompt_source,
                responses[first],
                responses[second],
                better=preference(better.get(item_id), first, second),
                safer=preference(safer.get(item_id), first, second),
                single=preference(single.get(item_id), first, second),
            )


def orders_of(session: Session, project_id: int, dimension: Dimension) -> Orders:
    return dict(orders_by_item(session, project_id, dimension))


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


def labelled(row: AnyRow, consensus: Consensus) -> LabelledResponse:
    """`row`: with the columns of RESPONSE."""
    label = consensus.get(row.response_id)
    if label is None:
        return LabelledResponse(row.text, row.source, None, frozenset(), None)
    return LabelledResponse(row.text, row.source, label.is_safe, label.harm_categories, label.severity)


def preference(orders: list[list[int]] | None, first: int, second: int) -> Preference | None:
    if orders is None:
        return None
    winner = majority_preference(orders, first, second).winner
    return "tie" if winner is None else winner
