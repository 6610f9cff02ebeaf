"""What adjudicators and admins type in."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from app.accounts.forms import Reason
from app.adjudication.answers import Answers, answer_of_label, answer_of_ranking
from app.adjudication.models import Cause
from app.annotations.forms import SafetyLabel, ranking_posted
from app.annotations.models import Verdict
from app.errors import Refused
from app.i18n import gettext as _
from app.queues.forms import Id
from app.queues.models import Dimension


class Grounds(BaseModel):
    """Why annotators disagreed, in the adjudicator's judgement, and what is to be said of it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    cause: Cause
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class CaseByHand(BaseModel):
    model_config = ConfigDict(extra="ignore")

    item_id: Id
    reason: Reason


class Reopening(BaseModel):
    model_config = ConfigDict(extra="ignore")

    reason: Reason


class Promotion(BaseModel):
    """`explanation`: what an annotator is told who answers otherwise."""

    model_config = ConfigDict(extra="ignore")

    explanation: Reason


def answers_posted(
    posted: Mapping[str, Any], steps: Sequence[Dimension], n_responses: int, category_names: Sequence[str]
) -> tuple[Answers, dict[Dimension, ValidationError]]:
    """One answer a dimension, in the item's order, and what is wrong with those that are missing.

    Raises Refused for one that says nothing.
    """
    answers: Answers = {}
    wrong: dict[Dimension, ValidationError] = {}
    for step in steps:
        try:
            answers[step] = answer_posted(posted, step, n_responses, category_names)
        except ValidationError as invalid:
            wrong[step] = invalid
    return answers, wrong


def answer_posted(
    posted: Mapping[str, Any], step: Dimension, n_responses: int, category_names: Sequence[str]
) -> dict[str, Any]:
    """Rankings stand under the names of the workspace, with the dimension before them.

    Raises pydantic.ValidationError, or Refused.
    """
    if step is Dimension.SAFETY:
        return answer_of_label(SafetyLabel.model_validate(posted, context=category_names))
    of_step = {
        name.removeprefix(f"{step}-"): value for name, value in posted.items() if name.startswith(f"{step}-")
    }
    ranking = ranking_posted(of_step, n_responses)
    if ranking.verdict is Verdict.CANNOT_JUDGE:
        raise Refused(_("Adjudicators decide: give an order, or say that all are bad."))
    return answer_of_ranking(ranking)


def fields_of(answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """As the form would have sent them."""
    fields: dict[str, Any] = {}
    for step, answer in answers.items():
        if step == Dimension.SAFETY:
            fields |= {**answer, "is_safe": "true" if answer["is_safe"] else "false"}
            continue
        ranks = answer["ranks"]
        if ranks is None:
            continue
        fields |= {f"{step}-rank_{place}": rank for place, rank in enumerate(ranks)}
        if len(ranks) == 2:
            fields[f"{step}-preferred"] = ("tie", "first", "second")[
                (ranks[0] < ranks[1]) + 2 * (ranks[1] < ranks[0])
            ]
    return fields
