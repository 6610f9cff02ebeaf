"""What goes into a release, and the releases there are."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import combinations, groupby
from typing import Any

from sqlalchemy import BigInteger, Row, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, joinedload

from app.adjudication.queries import outcomes
from app.agreement.consensus.majority import SafetyConsensus, SafetyVote, majority_preference, majority_safety
from app.agreement.queries import ROWS_AT_ONCE, orders_by_item, safety_vote, safety_votes
from app.db import now
from app.errors import NotFound
from app.i18n import gettext as _
from app.items.models import Item, ItemKind, ItemResponse, Prompt, Response
from app.projects.taxonomy import CATEGORY_NAMES
from app.queues.models import Dimension
from app.releases.models import Release, ReleaseState
from app.releases.rows import LabelledResponse, Preference, QAPair, ResponsePair

# None: adjudicators have to say.
Consensus = dict[int, SafetyConsensus | SafetyVote | None]
Orders = dict[int, list[list[int]] | None]

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
    """By response id, by vote or by what adjudicators decided; a response whose annotations are not complete
    is not in it."""
    found: Consensus = {
        response_id: majority_safety(votes, CATEGORY_NAMES)
        for response_id, votes in safety_votes(session, project_id)
    }
    decided = outcomes(session, project_id, Dimension.SAFETY)
    pairs = select(ItemResponse.item_id, ItemResponse.response_id).where(
        ItemResponse.item_id == any_(literal(list(decided), ARRAY(BigInteger)))
    )
    for item_id, response_id in session.execute(pairs):
        label = decided[item_id]
        found[response_id] = (
            None if label is None else safety_vote(label["severity"], label["harm_categories"])
        )
    return found


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
                better=preference(better, item_id, first, second),
                safer=preference(safer, item_id, first, second),
                single=preference(single, item_id, first, second),
            )


def orders_of(session: Session, project_id: int, dimension: Dimension) -> Orders:
    """By item, every annotator's, or the one that adjudicators decided on."""
    decided = outcomes(session, project_id, dimension)
    return {
        **dict(orders_by_item(session, project_id, dimension)),
        **{item_id: None if answer is None else [answer["ranks"]] for item_id, answer in decided.items()},
    }


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
        is_awaiting = row.response_id in consensus
        return LabelledResponse(row.text, row.source, None, frozenset(), None, is_awaiting)
    return LabelledResponse(row.text, row.source, label.is_safe, label.harm_categories, label.severity)


def preference(orders: Orders, item_id: int, first: int, second: int) -> Preference | None:
    if item_id not in orders:
        return None
    of_item = orders[item_id]
    if of_item is None:
        return "awaiting"
    winner = majority_preference(of_item, first, second).winner
    return "tie" if winner is None else winner
