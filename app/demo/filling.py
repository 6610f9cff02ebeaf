"""A campaign of three weeks, as if its people had worked here: the same actions, and answers from a file."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.adjudication.actions import open_by_hand
from app.agreement.duplicates import search_near_duplicates
from app.audit.actions import act_as
from app.demo.actions import import_texts
from app.demo.answering import bring_answers, let_run, make_gold_items, settle_settings
from app.demo.beside import ask_questions, hold_exam, inspect, settle_cases, withdraw_one
from app.demo.cast import add_people, who_can_try
from app.demo.contents import Contents, Pair, contents_of
from app.demo.people import ADJUDICATORS, ANNOTATORS
from app.demo.simulation import Simulation
from app.demo.texts import FIRST_TEXTS, GUIDELINES, MORE_TEXTS, Asked
from app.guidelines.actions import note_guideline_read, publish_guideline
from app.guidelines.forms import NewGuideline
from app.quality.actions import add_rule, review_trust
from app.quality.forms import NewRule
from app.quality.outcomes import Collector
from app.queues.actions import fill_queue
from app.queues.models import Queue, QueueKind
from app.withdrawals.actions import say_publication

SEED = 2406
N_FINISHED = 110
N_ANSWERS = 6
N_EXAM = 8
# Asked of everybody.
N_GOLD_PAIRS = 10
N_GOLD_SETS = 6
# How many of three answers the items of a running queue have, in turn; of response sets, some have three
# responses and come in later.
PARTLY = {QueueKind.SAFETY: (1, 2, 1, 3, 1, 2, 1, 1), QueueKind.DUAL: (3, 2, 3, 1, 3, 1, 3, 2)}
N_OF_THREE = 4
PAIR = 2
N_READERS = 11
N_PUBLISHED = 8
# By name, whether each answer in turn is right; the last one has not finished.
EXAM_ANSWERS = {
    "demo-amber": (True,) * 6,
    "demo-fern": (True, True, False, True, True, True),
    "demo-hazel": (False, True, False, False, True, False),
    "demo-ginkgo": (True, True),
}

BY_HAND = "Two annotators have asked about it"

N_STEPS = 7

OnStep = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Campaign:
    """`accounts`: of the simulated annotators, by name; `members`: they, and who can try for themselves.
    `shuffled`: the QA pairs."""

    session: Session
    project_id: int
    admin_id: int
    accounts: dict[str, int]
    adjudicators: tuple[int, ...]
    members: Collection[int]
    contents: Contents
    simulation: Simulation
    shuffled: Sequence[Pair]

    @property
    def in_first_round(self) -> Sequence[Pair]:
        return self.shuffled[:N_FINISHED]

    @property
    def in_second_round(self) -> Sequence[Pair]:
        return self.shuffled[N_FINISHED:-N_EXAM]

    @property
    def in_exam(self) -> Sequence[Pair]:
        """Nobody has seen them before."""
        return self.shuffled[-N_EXAM:]


def fill_demo(session: Session, project_id: int, admin_id: int, today: date, on_step: OnStep) -> None:
    """Everything that people did. Raises NameOfSomebody."""
    act_as(session, admin_id)
    campaign = begin(session, project_id, admin_id, today)
    on_step()
    finished = first_round(campaign)
    on_step()
    running = second_round(campaign)
    on_step()
    dual, of_three = rank(campaign)
    on_step()
    open_by_hand(session, dual.id, campaign.contents.set_id(campaign.contents.sets[0]), BY_HAND)
    for queue in (finished, running, dual):
        settle_cases(session, queue, campaign.contents, campaign.adjudicators)
    do_beside(campaign, finished)
    on_step()
    rule = NewRule(collector=Collector.GOLD, min_n=8, threshold=0.75)
    add_rule(session, running.id, rule, admin_id)
    for queue in (finished, running, dual, of_three):
        review_trust(session, queue.id)


def begin(session: Session, project_id: int, admin_id: int, today: date) -> Campaign:
    people = add_people(session)
    accounts = {who.name: people[who.name] for who in ANNOTATORS}
    for name in (FIRST_TEXTS, MORE_TEXTS):
        import_texts(session, project_id, name)
    for version, (text, changes) in enumerate(GUIDELINES, 1):
        new = NewGuideline(text=text, changes=changes, based_on=version - 1)
        publish_guideline(session, project_id, admin_id, new)
        for user_id in list(accounts.values())[: None if version == 1 else N_READERS]:
            note_guideline_read(session, user_id, project_id, version)
    contents, simulation = contents_of(session, project_id), Simulation(SEED, today)
    return Campaign(
        session,
        project_id,
        admin_id,
        accounts,
        adjudicators=tuple(people[name] for name in ADJUDICATORS),
        members=[*accounts.values(), *who_can_try(session)],
        contents=contents,
        simulation=simulation,
        shuffled=[contents.pairs[place] for place in simulation.rng.permutation(len(contents.pairs))],
    )


def first_round(campaign: Campaign) -> Queue:
    """Finished, with all its answers."""
    pairs = campaign.in_first_round
    rows = campaign.simulation.labels(pairs, [N_ANSWERS] * len(pairs))
    queue = bring_answers(
        campaign.session,
        campaign.project_id,
        campaign.accounts,
        "Safety, first round",
        QueueKind.SAFETY,
        rows,
    )
    settle_settings(campaign.session, queue, adjudicates=["no_majority", "severe"])
    return queue


def second_round(campaign: Campaign) -> Queue:
    """At work, with gold items that everybody was asked."""
    session, pairs = campaign.session, campaign.in_second_round
    rows = campaign.simulation.labels(pairs, wanted_of(QueueKind.SAFETY, len(pairs), N_GOLD_PAIRS))
    queue = bring_answers(
        session, campaign.project_id, campaign.accounts, "Safety, second round", QueueKind.SAFETY, rows
    )
    gold = [campaign.contents.pair_id(pair) for pair in pairs[:N_GOLD_PAIRS]]
    make_gold_items(session, queue, campaign.contents.truths, gold)
    settle_settings(session, queue, overlap=3, gold_every=8, edit_minutes=60, adjudicates=["no_majority"])
    let_run(session, queue, campaign.members)
    return queue


def rank(campaign: Campaign) -> tuple[Queue, Queue]:
    """One queue at work, by both questions; and one that is finished, of sets of three responses."""
    session, contents = campaign.session, campaign.contents
    of_two = [asked for asked in contents.sets if len(asked.responses) == PAIR]
    of_three = [asked for asked in contents.sets if len(asked.responses) > PAIR]
    dual = ordered(campaign, QueueKind.DUAL, of_two, wanted_of(QueueKind.DUAL, len(of_two), N_GOLD_SETS))
    gold = [contents.set_id(asked) for asked in of_two[:N_GOLD_SETS]]
    make_gold_items(session, dual, contents.truths, gold)
    settle_settings(session, dual, overlap=3, gold_every=10, edit_minutes=60, adjudicates=["no_majority"])
    fill_queue(session, dual.id)
    let_run(session, dual, campaign.members)
    helpfulness = ordered(campaign, QueueKind.HELPFULNESS, of_three, [N_OF_THREE] * len(of_three))
    return dual, helpfulness


def ordered(campaign: Campaign, kind: QueueKind, sets: Sequence[Asked], wanted: Sequence[int]) -> Queue:
    is_dual = kind is QueueKind.DUAL
    name = "Dual preference" if is_dual else "Helpfulness of three"
    rows = campaign.simulation.orders(sets, wanted, is_dual=is_dual)
    return bring_answers(campaign.session, campaign.project_id, campaign.accounts, name, kind, rows)


def wanted_of(kind: QueueKind, n_items: int, n_gold: int) -> list[int]:
    """How many answers each item is to have: the first ones of everybody, the others partly."""
    everybody = sum(who.share > 0 for who in ANNOTATORS)
    partly = PARTLY[kind]
    return [everybody if place < n_gold else partly[place % len(partly)] for place in range(n_items)]


def do_beside(campaign: Campaign, finished: Queue) -> None:
    session, contents, accounts = campaign.session, campaign.contents, campaign.accounts
    ask_questions(session, campaign.project_id, contents, campaign.admin_id)
    inspected = accounts["demo-amber"], accounts["demo-fern"]
    inspect(session, finished, contents, inspected, campaign.admin_id, campaign.adjudicators[0])
    hold_exam(
        session,
        campaign.project_id,
        contents,
        [contents.pair_id(pair) for pair in campaign.in_exam],
        campaign.members,
        {accounts[name]: rights for name, rights in EXAM_ANSWERS.items()},
        SEED,
    )
    withdraw_one(session, campaign.project_id, contents)
    for user_id in list(accounts.values())[:N_PUBLISHED]:
        say_publication(session, user_id, campaign.project_id, may_publish=True)
    search_near_duplicates(session, campaign.project_id)
