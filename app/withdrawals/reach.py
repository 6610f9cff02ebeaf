"""What a form names, as tombstones keep it, and how much of the project that takes out of later releases."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    LargeBinary,
    Select,
    Subquery,
    and_,
    any_,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.agreement.queries import EVERY, finished_answers
from app.assignments.models import ANSWERED, Assignment
from app.errors import NotFound
from app.i18n import gettext as _
from app.items.models import Item, ItemKind, ItemResponse, Prompt, Response
from app.queues.models import Dimension, Queue
from app.withdrawals.forms import Withdrawing
from app.withdrawals.models import Withdrawal, WithdrawalKind
from app.withdrawals.queries import withdrawn

SHA256_HEX_DIGITS = 64

RESPONSE_KEY = func.sha256(func.convert_to(Prompt.text + Response.text, "UTF8"))
"""Of prompt and response, as releases publish it."""


class NotThere(NotFound):
    """An item or a person that a form names."""


@dataclass(frozen=True, slots=True)
class Named:
    """`sha256s`: of prompts or responses; `annotators`: user names by id. The one or the other is empty."""

    kind: WithdrawalKind
    sha256s: tuple[bytes, ...] = ()
    annotators: tuple[tuple[int, str], ...] = ()

    @property
    def annotator_ids(self) -> list[int]:
        return [annotator_id for annotator_id, _name in self.annotators]

    @property
    def words(self) -> list[str]:
        """As a form names them once more."""
        return [sha256.hex() for sha256 in self.sha256s] or [name for _id, name in self.annotators]


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of what is named is withdrawn already, and is there; and what of the project it concerns now.

    `n_answers`: to the items, or of the annotators, that a release would hold.
    """

    n_withdrawn: int
    n_there: int
    n_qa_pairs: int
    n_response_sets: int
    n_answers: int


def named_by(session: Session, project_id: int, form: Withdrawing) -> Named:
    """Raises NotThere for an item or a person the project does not have; any SHA-256 will do."""
    if form.kind is WithdrawalKind.ANNOTATOR:
        return Named(form.kind, annotators=annotators_named(session, project_id, form.named))
    item_ids = [int(name) for name in form.named if len(name) < SHA256_HEX_DIGITS]
    of_items = keys_of_items(session, project_id, form.kind, item_ids)
    given = [bytes.fromhex(name) for name in form.named if len(name) == SHA256_HEX_DIGITS]
    return Named(form.kind, sha256s=tuple(dict.fromkeys([*given, *of_items])))


def annotators_named(session: Session, project_id: int, names: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """Of those who have answered in the project."""
    of_project = select(Queue.id).where(Queue.project_id == project_id)
    has_answered = (
        select(Assignment.id)
        .where(
            Assignment.annotator_id == User.id,
            Assignment.queue_id.in_(of_project),
            Assignment.status.in_(ANSWERED),
        )
        .exists()
    )
    rows = session.execute(select(User.username, User.id).where(User.username.in_(names), has_answered))
    ids: dict[str, int] = dict(rows.all())
    for name in names:
        if name not in ids:
            raise NotThere(_("Nobody named %(name)s has answered in this project.") % {"name": name})
    return tuple((ids[name], name) for name in names)


def keys_of_items(
    session: Session, project_id: int, kind: WithdrawalKind, item_ids: Sequence[int]
) -> list[bytes]:
    """Of each item's prompt, or of each of its responses."""
    key = Prompt.sha256 if kind is WithdrawalKind.PROMPT else RESPONSE_KEY
    rows = session.execute(
        select(Item.id, key.label("key"))
        .join(Prompt, Prompt.id == Item.prompt_id)
        .join(ItemResponse, ItemResponse.item_id == Item.id)
        .join(Response, Response.id == ItemResponse.response_id)
        .where(Item.project_id == project_id, Item.id == any_(literal(list(item_ids), ARRAY(BigInteger))))
        .order_by(Item.id, ItemResponse.position)
    ).all()
    found = {row.id for row in rows}
    for item_id in item_ids:
        if item_id not in found:
            raise NotThere(_("There is no item %(id)s in this project.") % {"id": item_id})
    return [row.key for row in rows]


def reach_of(session: Session, project_id: int, named: Named) -> Reach:
    n_withdrawn = session.scalars(standing(project_id, named)).one()
    if named.kind is WithdrawalKind.ANNOTATOR:
        is_theirs = Assignment.annotator_id == any_(literal(named.annotator_ids, ARRAY(BigInteger)))
        n_answers = n_answers_published(session, project_id, named, is_theirs)
        return Reach(n_withdrawn, len(named.annotators), 0, 0, n_answers)
    there = session.execute(content_named(project_id, named)).all()
    items = items_with([row.id for row in there], named.kind)
    qa_pairs, sets = (func.count().filter(items.c.kind == kind) for kind in ItemKind)
    counts = session.execute(select(qa_pairs, sets).select_from(items)).one()
    n_answers = n_answers_published(session, project_id, named, Assignment.item_id.in_(select(items.c.id)))
    return Reach(n_withdrawn, len({row.sha256 for row in there}), *counts, n_answers)


def standing(project_id: int, named: Named) -> Select[int]:
    """How many of the named are withdrawn now."""
    return select(func.count()).where(
        Withdrawal.project_id == project_id,
        Withdrawal.kind == named.kind,
        Withdrawal.ended_at.is_(None),
        or_(
            Withdrawal.sha256 == any_(literal(list(named.sha256s), ARRAY(LargeBinary))),
            Withdrawal.annotator_id == any_(literal(named.annotator_ids, ARRAY(BigInteger))),
        ),
    )


def n_answers_published(
    session: Session, project_id: int, named: Named, is_concerned: ColumnElement[bool]
) -> int:
    """How many of the single answers that are concerned a release of all would hold now, were nothing of what
    is named withheld: read as releases read them, less those to items that are withdrawn otherwise. Whether
    someone said no to publication makes no difference, since nobody is shown who did."""
    gone = withdrawn(session, project_id)
    items = [
        items_with([row.id for row in session.execute(content_named(project_id, other))], other.kind)
        for other in (
            Named(WithdrawalKind.PROMPT, tuple(gone.prompts.difference(named.sha256s))),
            Named(WithdrawalKind.RESPONSE, tuple(gone.responses.difference(named.sha256s))),
        )
        if other.sha256s
    ]
    stays = [Assignment.item_id.not_in(select(of_kind.c.id)) for of_kind in items]
    answers = [
        finished_answers(project_id, dimension, EVERY).where(is_concerned, *stays).subquery()
        for dimension in Dimension
    ]
    counts = [select(func.count()).select_from(of_dimension) for of_dimension in answers]
    return sum(session.scalars(count).one() for count in counts)


def content_named(project_id: int, named: Named) -> Select[int, bytes]:
    """(id, sha256) of the prompts or responses that are there. Their key is looked for in a hash table, since
    an array of thousands would be gone through for each of the project's responses."""
    array = literal(list(named.sha256s), ARRAY(LargeBinary))
    wanted = func.unnest(array).table_valued(Column("sha256", LargeBinary), name="wanted").render_derived()
    if named.kind is WithdrawalKind.PROMPT:
        content = select(Prompt.id, Prompt.sha256).join(wanted, wanted.c.sha256 == Prompt.sha256)
    else:
        content = (
            select(Response.id, RESPONSE_KEY.label("sha256"))
            .join(Prompt, Prompt.id == Response.prompt_id)
            .join(wanted, wanted.c.sha256 == RESPONSE_KEY)
        )
    return content.where(Prompt.project_id == project_id)


def items_with(ids: Sequence[int], kind: WithdrawalKind) -> Subquery:
    """(id, kind) of each item of these prompts, or with these responses."""
    among = any_(literal(list(ids), ARRAY(BigInteger)))
    if kind is WithdrawalKind.PROMPT:
        return select(Item.id, Item.kind).where(Item.prompt_id == among).subquery("items")
    of_item = select(ItemResponse.item_id).where(ItemResponse.response_id == among)
    return select(Item.id, Item.kind).where(Item.id.in_(of_item)).subquery("items")


def withdrawals_of_item(session: Session, item_id: int) -> Sequence[Withdrawal]:
    """Of its prompt or of one of its responses, the ended ones too."""
    keys = (
        select(Item.project_id, Prompt.sha256.label("prompt"), RESPONSE_KEY.label("response"))
        .join(Prompt, Prompt.id == Item.prompt_id)
        .join(ItemResponse, ItemResponse.item_id == Item.id)
        .join(Response, Response.id == ItemResponse.response_id)
        .where(Item.id == item_id)
        .subquery()
    )
    is_of_it = or_(
        and_(Withdrawal.kind == WithdrawalKind.PROMPT, Withdrawal.sha256 == keys.c.prompt),
        and_(Withdrawal.kind == WithdrawalKind.RESPONSE, Withdrawal.sha256 == keys.c.response),
    )
    found = select(Withdrawal).join(keys, and_(keys.c.project_id == Withdrawal.project_id, is_of_it))
    return session.scalars(found.distinct().order_by(Withdrawal.id)).all()
