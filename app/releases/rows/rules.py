"""What a row must fulfil to be released.

Training code reads these rows lazily and stops in the middle of a run at the first one it cannot use,
so each row is checked before it is written, and each dropped row is counted under its reason.
"""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from app.releases.rows.pku import LabelledResponse, Preference, QAPair, ResponsePair

READER_TOKENS = 512
"""How many tokens of prompt and response together safe-rlhf keeps unless told otherwise."""

TEMPLATE_TOKENS = 48
"""More than a reader's words around prompt and response can take, special tokens included."""


LETTERS_AT_ONCE = 80

PIECES = re.compile(r" ?[A-Za-z]{1,3}|[^A-Za-z]")


class DropReason(StrEnum):
    """Why a row is not released. The values are part of the manifest's format."""

    EMPTY_TEXT = "empty_text"
    AWAITING_ADJUDICATION = "awaiting_adjudication"
    NO_HELPFULNESS_RANKING = "no_helpfulness_ranking"
    HELPFULNESS_TIE = "helpfulness_tie"
    NO_HARMLESSNESS_RANKING = "no_harmlessness_ranking"
    HARMLESSNESS_TIE = "harmlessness_tie"
    NO_SINGLE_PREFERENCE = "no_single_preference"
    SINGLE_PREFERENCE_TIE = "single_preference_tie"
    NO_SAFETY_CONSENSUS = "no_safety_consensus"
    UNKNOWN_CATEGORY = "unknown_category"
    CONTRADICTORY_SAFETY_LABEL = "contradictory_safety_label"
    CONTRADICTORY_RANKING = "contradictory_ranking"
    SAFER_SIDE_UNSAFE = "safer_side_unsafe"
    SAME_RESPONSES = "same_responses"
    RESPONSES_DIFFER_TOO_LATE = "responses_differ_too_late"
    WITHDRAWN = "withdrawn"
    FILTERED_ANSWERS = "filtered_answers"
    FILTERED_CERTAINTY = "filtered_certainty"
    FILTERED_LABEL = "filtered_label"


REASON_SENTENCES = {
    DropReason.EMPTY_TEXT: "The prompt or a response is empty.",
    DropReason.AWAITING_ADJUDICATION: "Adjudicators have to settle a label of it first.",
    DropReason.NO_HELPFULNESS_RANKING: "The two responses do not have all their helpfulness rankings yet.",
    DropReason.HELPFULNESS_TIE: "The helpfulness rankings name no winner.",
    DropReason.NO_HARMLESSNESS_RANKING: "The two responses do not have all their harmlessness rankings yet.",
    DropReason.HARMLESSNESS_TIE: "The harmlessness rankings name no winner.",
    DropReason.NO_SINGLE_PREFERENCE: "The two responses do not have all their single preferences yet.",
    DropReason.SINGLE_PREFERENCE_TIE: "The single preferences name no winner.",
    DropReason.NO_SAFETY_CONSENSUS: "A response has no safety consensus yet.",
    DropReason.UNKNOWN_CATEGORY: "A harm category is not in this taxonomy version.",
    DropReason.CONTRADICTORY_SAFETY_LABEL: (
        "A safety label contradicts itself: safe, severity 0 and no harm category must go together."
    ),
    DropReason.CONTRADICTORY_RANKING: "A ranking does not fit the responses that it orders.",
    DropReason.SAFER_SIDE_UNSAFE: "The side ranked safer is labelled unsafe, the other safe.",
    DropReason.SAME_RESPONSES: "The two responses are the same text, white space aside.",
    DropReason.RESPONSES_DIFFER_TOO_LATE: (
        "The two responses first differ so late that a reader which cuts long texts may see no difference."
    ),
    DropReason.WITHDRAWN: "The text, or the publication of the answer, was withdrawn.",
    DropReason.FILTERED_ANSWERS: "A label or preference is made of fewer answers than this release asks for.",
    DropReason.FILTERED_CERTAINTY: (
        "A label or preference is less likely, by the posterior, than this release asks for, or has none."
    ),
    DropReason.FILTERED_LABEL: "No response has a label of the kind that this release is of.",
}


# Of a preference that is none of the sides, whatever it is about.
OTHER_STATES: dict[Preference, DropReason] = {
    "awaiting": DropReason.AWAITING_ADJUDICATION,
    "few_answers": DropReason.FILTERED_ANSWERS,
    "uncertain": DropReason.FILTERED_CERTAINTY,
}


class PairReasons(NamedTuple):
    """Why a pair is left out of the rows that carry these preferences; None: it is released.

    `dual`: helpfulness and harmlessness with both safety labels, `helpful`, `harmless`, `single`: one
    preference alone.
    """

    dual: DropReason | None
    helpful: DropReason | None
    harmless: DropReason | None
    single: DropReason | None


def why_prompt_dropped(prompt: str) -> DropReason | None:
    """The first reason that applies to PKU-SafeRLHF-prompt; None: release it."""
    return None if _all_filled(prompt) else DropReason.EMPTY_TEXT


def why_qa_pair_dropped(pair: QAPair, category_names: tuple[str, ...]) -> DropReason | None:
    """The first reason that applies to PKU-SafeRLHF-QA and TRL's unpaired rows; None: release it."""
    if not _all_filled(pair.prompt, pair.response.text):
        return DropReason.EMPTY_TEXT
    return _response_reason(pair.response, category_names)


def why_pair_dropped(
    pair: ResponsePair, category_names: tuple[str, ...], reader_tokens: int = READER_TOKENS
) -> PairReasons:
    """The first reason each; texts are looked at once, since that takes longest."""
    if (text := _text_reason(pair, reader_tokens)) is not None:
        return PairReasons(text, text, text, text)
    helpful = _preference_reason(pair.better, DropReason.NO_HELPFULNESS_RANKING, DropReason.HELPFULNESS_TIE)
    harmless = _preference_reason(pair.safer, DropReason.NO_HARMLESSNESS_RANKING, DropReason.HARMLESSNESS_TIE)
    single = _preference_reason(
        pair.single, DropReason.NO_SINGLE_PREFERENCE, DropReason.SINGLE_PREFERENCE_TIE
    )
    dual = (
        helpful
        or harmless
        or _response_reason(pair.response_0, category_names)
        or _response_reason(pair.response_1, category_names)
        or _safer_reason(pair)
    )
    return PairReasons(dual, helpful, harmless or _safer_reason(pair), single)


def most_tokens(text: str) -> int:
    """How many tokens a reader spends on the text, on the high side.

    One for every three letters of a Latin word, begun or whole, with the space before it, and one for
    every byte of all else. The reader's tokenizer is not known here, so this is no proof: it counts
    ordinary English about 1.6 times, and falls short only for long runs of Latin letters that are no words.
    """
    return sum(1 if piece.isascii() else len(piece.encode()) for piece in PIECES.findall(text))


def _all_filled(*texts: str) -> bool:
    return all(text.strip() for text in texts)


def _text_reason(pair: ResponsePair, reader_tokens: int) -> DropReason | None:
    first, second = pair.response_0.text, pair.response_1.text
    if not _all_filled(pair.prompt, first, second):
        return DropReason.EMPTY_TEXT
    if _differ_at_once(pair.prompt, first, second, reader_tokens - TEMPLATE_TOKENS):
        return None
    if _fold(first) == _fold(second):
        return DropReason.SAME_RESPONSES
    if not _seen_to_differ(pair.prompt + first, pair.prompt + second, reader_tokens - TEMPLATE_TOKENS):
        return DropReason.RESPONSES_DIFFER_TOO_LATE
    return None


def _differ_at_once(prompt: str, first: str, second: str, n_tokens: int) -> bool:
    """What nearly all pairs do, and is found out a hundred times sooner than the rest: plain letters, with a
    difference so early that it is seen however a tokenizer counts. False says nothing."""
    one, other = first[:LETTERS_AT_ONCE], second[:LETTERS_AT_ONCE]
    if len(prompt) + LETTERS_AT_ONCE >= n_tokens or not (
        prompt.isascii() and one.isascii() and other.isascii()
    ):
        return False
    # The last word may go on, and what is folded of plain letters is the white space alone.
    folded = [" ".join(start.split()) for start in (one, other)]
    shorter = min(len(start) for start in folded)
    return folded[0][:shorter] != folded[1][:shorter]


def _fold(text: str) -> str:
    """The text as a tokenizer sees it that normalizes Unicode (NFKC) and white space."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _seen_to_differ(first: str, second: str, n_tokens: int) -> bool:
    """Whether both kinds of tokenizer, one that keeps every byte and one that folds, see a difference."""
    return all(
        _is_shorter(_shared_beginning(*texts), n_tokens)
        for texts in ((first, second), (_fold(first), _fold(second)))
    )


def _is_shorter(text: str, n_tokens: int) -> bool:
    """Whether it has fewer tokens. No text has more of them than bytes, which are counted sooner."""
    return len(text.encode()) < n_tokens or most_tokens(text) < n_tokens


def _shared_beginning(first: str, second: str) -> str:
    """Letter by letter; found by halves, since that compares many letters at once."""
    least, most = 0, min(len(first), len(second))
    while least < most:
        middle = (least + most + 1) // 2
        if first[:middle] == second[:middle]:
            least = middle
        else:
            most = middle - 1
    return first[:least]


def _preference_reason(
    preference: Preference | None, missing: DropReason, tie: DropReason
) -> DropReason | None:
    if preference is None:
        return missing
    return tie if preference == "tie" else OTHER_STATES.get(preference)


def _response_reason(response: LabelledResponse, category_names: tuple[str, ...]) -> DropReason | None:
    if response.is_awaiting:
        return DropReason.AWAITING_ADJUDICATION
    if response.weakness is not None:
        return OTHER_STATES[response.weakness]
    if response.is_safe is None or response.severity is None:
        return DropReason.NO_SAFETY_CONSENSUS
    return why_label_dropped(response.is_safe, response.severity, response.harm_categories, category_names)


@lru_cache(maxsize=100_000)
def why_label_dropped(
    is_safe: bool, severity: int, harm_categories: frozenset[str], category_names: tuple[str, ...]
) -> DropReason | None:
    """Of a safety label, be it a consensus or one person's."""
    if not harm_categories.issubset(category_names):
        return DropReason.UNKNOWN_CATEGORY
    if is_safe:
        is_consistent = severity == 0 and not harm_categories
    else:
        is_consistent = severity in (1, 2, 3) and bool(harm_categories)
    return None if is_consistent else DropReason.CONTRADICTORY_SAFETY_LABEL


def why_ranking_dropped(
    ranks: Sequence[int], displayed_order: Sequence[int], n_responses: int
) -> DropReason | None:
    """Of one person's order of an item's responses: see `app.annotations.models.Annotation`."""
    is_fitting = (
        len(ranks) == n_responses
        and all(1 <= rank <= n_responses for rank in ranks)
        and sorted(displayed_order) == list(range(n_responses))
    )
    return None if is_fitting else DropReason.CONTRADICTORY_RANKING


def _safer_reason(pair: ResponsePair) -> DropReason | None:
    """Only of what is known: a response without a label contradicts nothing."""
    sides = (pair.response_0, pair.response_1)
    safer, other = sides if pair.safer == 0 else sides[::-1]
    return DropReason.SAFER_SIDE_UNSAFE if other.is_safe and safer.is_safe is False else None
