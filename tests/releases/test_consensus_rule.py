"""How a project's answers become the labels that are released: by vote or by posterior, and from how many."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.adjudication.answers import ADJUDICATION_RULE
from app.agreement.actions import follow_answers
from app.agreement.consensus.majority import PREFERENCE_RULE, SAFETY_RULE
from app.agreement.models import ItemConsensus
from app.items.models import ItemKind, ItemResponse
from app.projects.models import ConsensusRule, Project
from app.projects.pku import PKU
from app.queues.models import Dimension, Queue, QueueKind
from app.releases.reading.consensus import ORDER_RULE, in_one_order, likeliest, rules_of, verdict_on
from app.releases.reading.judged import judged_items
from app.releases.reading.labels import labelled as labelled_by
from app.releases.reading.labels import safety_labels_of
from app.releases.reading.plan import PartKind, parts_of
from app.releases.reading.texts import items_in
from app.releases.rows.pku import LabelledResponse, Preference
from tests import answer, make

VIOLENCE = PKU.category_names.index("Violence")


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session)


def labelled(session: Session, project: Project, *, overlap: int = 2) -> tuple[Queue, int]:
    """Everybody calls one item safe. Returns its response's id too."""
    item = make.item(session, project)
    people = tuple(make.user(session) for _ in range(overlap))
    queue = make.queue(session, project, overlap=overlap, members=people)
    for person in people:
        answer.safety(session, make.assignment(session, queue, person))
    follow_answers(session, queue.id)
    return queue, session.get_one(ItemResponse, (item.id, 0)).response_id


def ranked(session: Session, project: Project, people: tuple[User, ...]) -> int:
    """Everybody prefers the first response. Returns the item's id."""
    item = make.item(session, project, responses=("Yes.", "No."))
    queue = make.queue(session, project, kind=QueueKind.SINGLE, overlap=len(people), members=people)
    for person in people:
        answer.ranking(session, make.assignment(session, queue, person), Dimension.SINGLE, [1, 2])
    follow_answers(session, queue.id)
    return item.id


def label_of(session: Session, project: Project, response_id: int) -> LabelledResponse:
    parts = [part for part in parts_of(session, project.id) if part.kind is PartKind.QA_PAIRS]
    (code,) = safety_labels_of(session, project, parts).codes_of([response_id])
    return labelled_by("", "", code, PKU)


def single_preference(session: Session, project: Project, item_id: int) -> Preference | None:
    """Between the first two responses."""
    (part,) = [part for part in parts_of(session, project.id) if part.kind is PartKind.RESPONSE_SETS]
    for items in items_in(session, project.id, ItemKind.RESPONSE_SET, part):
        judged = judged_items(session, project.id, Dimension.SINGLE, items, b"")
        return verdict_on(project, judged.get(item_id), {}, item_id)(0, 1)
    return None


def doubtful(harmful: float, severities: list[float], violence: float) -> list[float]:
    categories = [0.0] * len(PKU.category_names)
    categories[VIOLENCE] = violence
    return [harmful, *severities, *categories]


@pytest.mark.parametrize("rule", list(ConsensusRule))
def test_what_everybody_says_is_the_label_by_either_rule(
    session: Session, project: Project, rule: ConsensusRule
) -> None:
    project.consensus_rule = rule
    _, response_id = labelled(session, project)
    label = label_of(session, project, response_id)
    assert (label.is_safe, label.severity, label.harm_categories) == (True, 0, frozenset())


def test_the_posterior_that_is_kept_decides_where_the_project_says_so(
    session: Session, project: Project
) -> None:
    _, response_id = labelled(session, project)
    unsafe = doubtful(0.8, [0.2, 0.1, 0.5, 0.2], 0.9)
    session.execute(update(ItemConsensus).values(posterior=unsafe))
    by_vote = label_of(session, project, response_id)
    project.consensus_rule = ConsensusRule.POSTERIOR
    by_posterior = label_of(session, project, response_id)
    assert by_vote.is_safe
    assert (by_posterior.is_safe, by_posterior.severity) == (False, 2)
    assert by_posterior.harm_categories == {"Violence"}


@pytest.mark.parametrize("rule", list(ConsensusRule))
def test_below_the_quorum_there_is_no_label(session: Session, project: Project, rule: ConsensusRule) -> None:
    people = tuple(make.user(session) for _ in range(2))
    project.consensus_rule, project.quorum = rule, 2
    _, response_id = labelled(session, project)
    item_id = ranked(session, project, people)
    assert label_of(session, project, response_id).is_safe
    assert single_preference(session, project, item_id) == 0
    project.quorum = 3
    assert label_of(session, project, response_id).is_safe is None
    assert single_preference(session, project, item_id) is None


@pytest.mark.parametrize("rule", list(ConsensusRule))
def test_a_preference_names_the_side_that_everybody_prefers(
    session: Session, project: Project, rule: ConsensusRule
) -> None:
    project.consensus_rule = rule
    item_id = ranked(session, project, (make.user(session), make.user(session)))
    assert single_preference(session, project, item_id) == 0


def test_an_unfinished_item_has_no_label_by_posterior(session: Session, project: Project) -> None:
    item = make.item(session, project)
    people = (make.user(session), make.user(session))
    queue = make.queue(session, project, overlap=2, members=people)
    answer.safety(session, make.assignment(session, queue, people[0]))
    follow_answers(session, queue.id)
    project.consensus_rule = ConsensusRule.POSTERIOR
    response_id = session.get_one(ItemResponse, (item.id, 0)).response_id
    assert label_of(session, project, response_id).is_safe is None


@pytest.mark.parametrize(
    ("chances", "verdict"),
    [
        ([0.6, 0.3, 0.1], 0),
        ([0.3, 0.6, 0.1], 1),
        ([0.2, 0.3, 0.5], "tie"),
        ([0.4, 0.2, 0.4], "tie"),
        ([0.4, 0.4, 0.2], "tie"),
    ],
)
def test_the_likeliest_side_is_preferred_and_what_is_even_is_a_tie(
    chances: list[float], verdict: object
) -> None:
    elsewhere = [1.0, 0.0, 0.0]
    assert likeliest(chances, 0, 1) == verdict
    # The third pair of three responses is that of the second and the third.
    assert likeliest([*elsewhere, *elsewhere, *chances], 1, 2) == verdict


def test_the_card_says_which_rule_it_was() -> None:
    project = Project(consensus_rule=ConsensusRule.MAJORITY, quorum=1)
    assert rules_of(project) == (SAFETY_RULE, PREFERENCE_RULE, ORDER_RULE)
    project.consensus_rule, project.quorum = ConsensusRule.POSTERIOR, 3
    said = rules_of(project)
    assert "weighed by how well they answer" in said[0]
    assert said[-1] == "Items with fewer than 3 answers are left out."
    assert ADJUDICATION_RULE not in said


def test_the_pairs_of_three_responses_never_contradict_each_other() -> None:
    """First above second 5 to 2, second above third 5 to 2, third above first 4 to 3: this one gives way."""
    verdict = in_one_order([[1, 2, 3]] * 3 + [[3, 1, 2]] * 2 + [[2, 3, 1]] * 2)
    assert (verdict(0, 1), verdict(1, 2), verdict(0, 2)) == (0, 0, 0)


def test_where_several_orders_are_as_good_their_disputed_pairs_are_left_out() -> None:
    evenly = in_one_order([[1, 2, 3], [3, 1, 2], [2, 3, 1]])
    assert "tie" in {evenly(0, 1), evenly(1, 2), evenly(0, 2)}


def test_a_pair_with_even_votes_is_a_tie_in_any_order() -> None:
    verdict = in_one_order([[1, 2, 3], [2, 1, 3]])
    assert (verdict(0, 1), verdict(0, 2), verdict(1, 2)) == ("tie", 0, 0)
