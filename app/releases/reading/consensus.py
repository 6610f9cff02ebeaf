"""What is said of any two responses of an item: by the project's rule, or as adjudicators decided."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from app.adjudication.answers import Answer
from app.agreement.consensus.majority import PREFERENCE_RULE, SAFETY_RULE, majority_preference
from app.agreement.consensus.rankings import consensus_ranking
from app.agreement.consensus.safety import POSTERIOR_SAFETY_RULE
from app.agreement.report.answers import FIRST, N_PREFERENCES, SECOND, TIE, place_of_pair
from app.projects.models import ConsensusRule, Project
from app.releases.filters import ReleaseFilters
from app.releases.rows.filters import weakness_of
from app.releases.rows.judgements import JudgedItem
from app.releases.rows.pku import Preference

# By item; None: adjudicators have to say.
Decisions = Mapping[int, Answer | None]
Verdict = Callable[[int, int], Preference | None]

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


def rules_of(project: Project) -> tuple[str, ...]:
    """Sentences for the card."""
    quorum = (QUORUM_RULE.format(quorum=project.quorum),) if project.quorum > 1 else ()
    if project.consensus_rule == ConsensusRule.POSTERIOR:
        return (POSTERIOR_SAFETY_RULE, POSTERIOR_PREFERENCE_RULE, *quorum)
    return (SAFETY_RULE, PREFERENCE_RULE, ORDER_RULE, *quorum)


def verdict_on(project: Project, item: JudgedItem | None, decisions: Decisions, item_id: int) -> Verdict:
    """Of a response set in one dimension. `item`: its answers, None where it does not have them all."""
    if item_id in decisions:
        decided = decisions[item_id]
        return awaiting if decided is None else partial(by_majority, [decided["ranks"]])
    if item is None or len(item.judgements) < project.quorum:
        return unknown
    if project.consensus_rule == ConsensusRule.POSTERIOR:
        return unknown if item.posterior is None else partial(likeliest, item.posterior)
    orders = [judgement.said.ranks or () for judgement in item.judgements]
    return partial(by_majority, orders) if len(item.responses) == 2 else in_one_order(orders)


def supported(verdict: Verdict, item: JudgedItem | None, filters: ReleaseFilters) -> Verdict:
    """The verdict, or what is wrong with one that rests on too little. `item`: its answers, as above."""

    def checked(first: int, second: int) -> Preference | None:
        said = verdict(first, second)
        if said is None or said == "awaiting":
            return said
        certainty = None
        if item is not None and item.posterior is not None:
            outcome = {0: FIRST, 1: SECOND, "tie": TIE}[said]
            certainty = item.posterior[N_PREFERENCES * place_of_pair(first, second) + outcome]
        weakness = weakness_of(len(item.judgements) if item else 0, certainty, filters)
        return said if weakness is None else weakness

    return checked


def awaiting(_first: int, _second: int) -> Preference:
    return "awaiting"


def unknown(_first: int, _second: int) -> None:
    return None


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


def likeliest(posterior: Sequence[float], first: int, second: int) -> Preference:
    """By the rule in POSTERIOR_PREFERENCE_RULE; `first` < `second`."""
    start = N_PREFERENCES * place_of_pair(first, second)
    chances = list(posterior[start : start + N_PREFERENCES])
    most = max(chances)
    if chances.count(most) > 1 or most == chances[TIE]:
        return "tie"
    return 0 if most == chances[FIRST] else 1
