"""The label of each item of a project: by its rule, or as adjudicators decided."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice

import numpy as np
from sqlalchemy import BigInteger, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.adjudication.queries import outcomes
from app.agreement.consensus.majority import (
    PREFERENCE_RULE,
    SAFETY_RULE,
    SafetyConsensus,
    SafetyVote,
    majority_preference,
    majority_safety,
)
from app.agreement.consensus.rankings import consensus_ranking
from app.agreement.consensus.safety import POSTERIOR_SAFETY_RULE, CertainSafety, safety_labels
from app.agreement.queries import Kept, kept_consensus, orders_by_item, safety_vote, safety_votes
from app.agreement.report.answers import FIRST, N_PREFERENCES, TIE, place_of_pair
from app.items.models import ItemResponse
from app.projects.models import ConsensusRule, Project
from app.projects.taxonomy import CATEGORY_NAMES
from app.queues.models import Dimension
from app.releases.rows import Preference

# None: adjudicators have to say.
SafetyLabels = dict[int, SafetyConsensus | CertainSafety | SafetyVote | None]
Verdict = Callable[[int, int], Preference]
Verdicts = dict[int, Verdict | None]

QUORUM_RULE = "Items with fewer than {quorum} answers are left out."
ORDER_RULE = (
    "Three or more responses stand in one order: up to eight in the one that goes against the fewest votes "
    "(Kemeny), more by the clearest majorities first (ranked pairs, Tideman). Two of them with as many votes "
    "for one as for the other have no preference, nor have two whose votes several such orders contradict."
)
POSTERIOR_PREFERENCE_RULE = (
    "Of two responses the one is preferred that its annotators, each weighed by how well they answer, make "
    "the likeliest to be the better one. Where that neither is better is as likely or likelier, there is no "
    "preference, and the release leaves the pair out."
)

ITEMS_AT_ONCE = 10_000
N_SEVERITIES = 4


def rules_of(project: Project) -> tuple[str, ...]:
    """Sentences for the card."""
    quorum = (QUORUM_RULE.format(quorum=project.quorum),) if project.quorum > 1 else ()
    if project.consensus_rule == ConsensusRule.POSTERIOR:
        return (POSTERIOR_SAFETY_RULE, POSTERIOR_PREFERENCE_RULE, *quorum)
    return (SAFETY_RULE, PREFERENCE_RULE, ORDER_RULE, *quorum)


def safety_consensus(session: Session, project: Project) -> SafetyLabels:
    """By response id; a response whose annotations are not complete, or too few, is not in it."""
    found: SafetyLabels = {}
    if project.consensus_rule == ConsensusRule.POSTERIOR:
        kept = kept_consensus(session, project.id, Dimension.SAFETY)
        while some := list(islice(kept, ITEMS_AT_ONCE)):
            found |= by_response(session, labels_by_posterior(some, project.quorum))
    else:
        for response_id, votes in safety_votes(session, project.id):
            if (label := majority_safety(votes, CATEGORY_NAMES, project.quorum)) is not None:
                found[response_id] = label
    return found | by_response(session, decided_labels(session, project.id))


def labels_by_posterior(kept: Sequence[Kept], quorum: int) -> SafetyLabels:
    """By item id."""
    posterior = np.array([row.posterior for row in kept], np.float64)
    harmful, severity = posterior[:, :1], posterior[:, 1 : 1 + N_SEVERITIES]
    safe = np.concatenate([1 - harmful, harmful], axis=1)
    labels = safety_labels(safe, severity, posterior[:, 1 + N_SEVERITIES :])
    return {
        row.item_id: labels.label(place, CATEGORY_NAMES)
        for place, row in enumerate(kept)
        if row.n_answers >= quorum
    }


def decided_labels(session: Session, project_id: int) -> SafetyLabels:
    """What adjudicators said, by item id."""
    return {
        item_id: None if label is None else safety_vote(label["severity"], label["harm_categories"])
        for item_id, label in outcomes(session, project_id, Dimension.SAFETY).items()
    }


def by_response(session: Session, of_item: SafetyLabels) -> SafetyLabels:
    pairs = select(ItemResponse.item_id, ItemResponse.response_id).where(
        ItemResponse.item_id == any_(literal(list(of_item), ARRAY(BigInteger)))
    )
    return {row.response_id: of_item[row.item_id] for row in session.execute(pairs)}


def verdicts_of(session: Session, project: Project, dimension: Dimension) -> Verdicts:
    """By item, what is said of any two of its responses."""
    found: Verdicts
    if project.consensus_rule == ConsensusRule.POSTERIOR:
        found = {
            row.item_id: partial(likeliest, row.posterior)
            for row in kept_consensus(session, project.id, dimension)
            if row.n_answers >= project.quorum
        }
    else:
        found = {
            item_id: partial(by_majority, orders) if len(orders[0]) == 2 else in_one_order(orders)
            for item_id, orders in orders_by_item(session, project.id, dimension)
            if len(orders) >= project.quorum
        }
    decided = outcomes(session, project.id, dimension)
    return found | {
        item_id: None if answer is None else partial(by_majority, [answer["ranks"]])
        for item_id, answer in decided.items()
    }


def by_majority(orders: Sequence[Sequence[int]], first: int, second: int) -> Preference:
    winner = majority_preference(orders, first, second).winner
    return "tie" if winner is None else winner


def in_one_order(orders: Sequence[Sequence[int]]) -> Verdict:
    """By the rule in ORDER_RULE, of three or more responses."""
    ranking = consensus_ranking(orders, len(orders[0]))
    place = {response: place for place, response in enumerate(ranking.order or ())}

    def verdict(first: int, second: int) -> Preference:
        own = by_majority(orders, first, second)
        ordered: Preference = 0 if place[first] < place[second] else 1
        if own == "tie" or (own != ordered and not ranking.is_unique):
            return "tie"
        return ordered

    return verdict


def likeliest(posterior: list[float], first: int, second: int) -> Preference:
    """By the rule in POSTERIOR_PREFERENCE_RULE; `first` < `second`."""
    start = N_PREFERENCES * place_of_pair(first, second)
    chances = posterior[start : start + N_PREFERENCES]
    most = max(chances)
    if chances.count(most) > 1 or most == chances[TIE]:
        return "tie"
    return 0 if most == chances[FIRST] else 1
