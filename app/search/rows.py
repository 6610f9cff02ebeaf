"""What a list shows of the items that were found."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Integer, ScalarSelect, func, literal_column, select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.adjudication.models import AdjudicationCase, CaseState
from app.agreement.models import ItemConsensus
from app.annotations.models import ItemPattern
from app.gold.models import GoldItem
from app.items.models import Item, ItemResponse, Prompt, Response
from app.items.queries import severity_that_came
from app.projects.models import Project
from app.projects.taxonomy import Taxonomy
from app.queues.models import Dimension, Queue, QueueItem, QueueKind
from app.queues.queries import restricted_among
from app.search.conditions import among, is_withdrawn

OPENING_CHARACTERS = 240


@dataclass(frozen=True, slots=True)
class Given:
    """Answers in one dimension of one queue. `answers`: as a pattern has them; `certainty`: of the most
    probable label, None where nothing was computed yet."""

    dimension: str
    answers: list[list[int]]
    certainty: float | None
    taxonomy: Taxonomy

    @property
    def n_harmful(self) -> int:
        return sum(answer[0] > 0 for answer in self.answers)

    @property
    def harm_categories(self) -> list[str]:
        mask = 0
        for answer in self.answers:
            mask |= answer[1]
        return self.taxonomy.names_in(mask)

    @property
    def severity(self) -> int:
        return max(answer[0] for answer in self.answers)

    @property
    def do_differ(self) -> bool:
        return self.answers[0] != self.answers[-1]

    @property
    def n_by_order(self) -> dict[str, int]:
        """Of a ranking: how many put the responses in this order, as "A > B = C"."""
        found: dict[str, int] = {}
        for ranks in self.answers:
            words = in_words(ranks)
            found[words] = found.get(words, 0) + 1
        return found


def in_words(ranks: Sequence[int]) -> str:
    groups: dict[int, list[str]] = {}
    for position, rank in enumerate(ranks):
        groups.setdefault(rank, []).append("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[position])
    return " > ".join(" = ".join(groups[rank]) for rank in sorted(groups))


@dataclass(slots=True)
class Place:
    """An item's in one queue, with the answers in each dimension that has any."""

    queue_id: int
    queue: str
    overlap: int
    n_submitted: int
    n_leased: int
    severity_prior: int
    held_for: str | None
    given: list[Given] = field(default_factory=list)

    @property
    def is_finished(self) -> bool:
        return self.n_submitted >= self.overlap > 0


@dataclass(slots=True)
class Row:
    """`prompt` and `responses`: how they begin. `expected`: the highest severity of labels that came with
    its responses, or were given to them. `case`: the state of the one that adjudicators have, or had."""

    id: int
    kind: str
    prompt: str
    is_gold: bool
    is_withdrawn: bool
    case: str | None
    expected: int | None
    prompt_source: str
    response_sources: list[str] = field(default_factory=list)
    responses: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    is_restricted: bool = False

    @property
    def sources(self) -> list[str]:
        """Each once, the prompt's first; some files name none."""
        return list(dict.fromkeys(filter(None, [self.prompt_source, *self.response_sources])))

    @property
    def given(self) -> list[Given]:
        return [given for place in self.places for given in place.given]

    @property
    def severity(self) -> int:
        """The most that anybody expects or says."""
        said = (given.severity for given in self.given if given.dimension == Dimension.SAFETY)
        return max(self.expected or 0, *(place.severity_prior for place in self.places), *said, 0)

    @property
    def is_covered(self) -> bool:
        return self.severity > 0


def rows_of(
    session: Session, user: User, project: Project, taxonomy: Taxonomy, ids: Sequence[int]
) -> list[Row]:
    """In the order of the ids."""
    rows = texts(session, project.id, ids)
    add_places(session, taxonomy, rows)
    # Asked only where there is a topic to withhold: most projects have none.
    for item_id in restricted_among(session, user, ids) if project.restricted else ():
        rows[item_id].is_restricted = True
    return [rows[item_id] for item_id in ids]


def texts(session: Session, project_id: int, ids: Sequence[int]) -> dict[int, Row]:
    is_gold = select(GoldItem.item_id).where(GoldItem.item_id == Item.id).exists()
    # Of several, one that is open.
    case = (
        select(func.max(AdjudicationCase.state))
        .where(AdjudicationCase.item_id == Item.id, AdjudicationCase.state != CaseState.WITHDRAWN)
        .scalar_subquery()
    )
    found = session.execute(
        select(Item.id, Item.kind, func.left(Prompt.text, OPENING_CHARACTERS), is_gold)
        .add_columns(is_withdrawn(project_id, Item.id), case)
        .add_columns(func.greatest(severity_that_came(Item.id), said_of_responses(project_id)))
        .add_columns(Prompt.source, Response.source.label("response_source"))
        .add_columns(func.left(Response.text, OPENING_CHARACTERS).label("response"))
        .join(Prompt, Prompt.id == Item.prompt_id)
        .join(ItemResponse, ItemResponse.item_id == Item.id)
        .join(Response, Response.id == ItemResponse.response_id)
        .where(Item.id == among(list(ids)))
        .order_by(Item.id, ItemResponse.position)
    )
    rows: dict[int, Row] = {}
    for each in found:
        row = rows.setdefault(each.id, Row(*each[:8]))
        row.responses.append(each.response)
        row.response_sources.append(each.response_source)
    return rows


# A pattern's first number of each answer is its severity.
MOST_SEVERE = literal_column(
    "(SELECT max(item_pattern.answers[n][1]) FROM generate_subscripts(item_pattern.answers, 1) AS n)", Integer
)


def said_of_responses(project_id: int) -> ScalarSelect[int]:
    """The highest severity that anybody gave one of its responses: a set of them has no labels of its own."""
    mine, theirs = aliased(ItemResponse), aliased(ItemResponse)
    safety = select(Queue.id).where(Queue.project_id == project_id, Queue.kind == QueueKind.SAFETY)
    of_pair = (ItemPattern.item_id == theirs.item_id) & (ItemPattern.dimension == Dimension.SAFETY)
    return (
        select(func.max(MOST_SEVERE))
        .select_from(mine)
        .join(theirs, theirs.response_id == mine.response_id)
        .join(ItemPattern, of_pair & ItemPattern.queue_id.in_(safety))
        .where(mine.item_id == Item.id)
        .scalar_subquery()
    )


def add_places(session: Session, taxonomy: Taxonomy, rows: dict[int, Row]) -> None:
    """In each queue, with its answers."""
    pattern = (ItemPattern.queue_id == QueueItem.queue_id) & (ItemPattern.item_id == QueueItem.item_id)
    consensus = (
        (ItemConsensus.queue_id == ItemPattern.queue_id)
        & (ItemConsensus.dimension == ItemPattern.dimension)
        & (ItemConsensus.item_id == ItemPattern.item_id)
    )
    found = session.execute(
        select(QueueItem.item_id, Queue.id, Queue.name, QueueItem.overlap, QueueItem.n_submitted)
        .add_columns(QueueItem.n_assigned - QueueItem.n_submitted, QueueItem.severity_prior)
        .add_columns(QueueItem.held_for, ItemPattern.dimension, ItemPattern.answers)
        .add_columns(ItemConsensus.certainty)
        .join(Queue, Queue.id == QueueItem.queue_id)
        .outerjoin(ItemPattern, pattern & ItemPattern.dimension.in_(list(Dimension)))
        .outerjoin(ItemConsensus, consensus)
        .where(QueueItem.item_id == among(list(rows)))
        .order_by(QueueItem.item_id, Queue.id, ItemPattern.dimension)
    )
    for each in found:
        places = rows[each.item_id].places
        if not places or places[-1].queue_id != each.id:
            places.append(Place(*each[1:8]))
        if each.answers:
            places[-1].given.append(Given(each.dimension, each.answers, each.certainty, taxonomy))
