"""The shapes of files that can be imported, and how a row of each is read.

Sources: the data cards of PKU-SafeRLHF and its siblings, BeaverTails and HH-RLHF. A row may have more
keys than its shape, but for keys known from another shape: labels would be lost in silence.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from app.items.rows import (
    HARM_CATEGORY_KEYS,
    LONGEST_KEY_SHOWN,
    MOST_RESPONSES,
    BadRow,
    EmptyText,
    JsonObject,
    Row,
    Safety,
    Text,
    Warned,
    flag,
    required,
    source_of,
    text_of,
    ticked,
    whole_number,
)

BEAVERTAILS_KEYS = frozenset(
    {
        "animal_abuse",
        "child_abuse",
        "controversial_topics,politics",
        "discrimination,stereotype,injustice",
        "drug_abuse,weapons,banned_substance",
        "financial_crime,property_crime,theft",
        "hate_speech,offensive_language",
        "misinformation_regarding_ethics,laws_and_safety",
        "non_violent_unethical_behavior",
        "privacy_violation",
        "self_harm",
        "sexually_explicit,adult_content",
        "terrorism,organized_crime",
        "violence,aiding_and_abetting,incitement",
    }
)
ASSISTANT_TURN = "\n\nAssistant:"
MOST_KEYS_SHOWN = 30


Categories = frozenset[str]


class Shape(NamedTuple):
    """`keys`: those a row must have, for a file to be taken for this shape."""

    name: str
    keys: frozenset[str]
    read: Callable[[JsonObject], Row]


def prompt_of(row: JsonObject) -> Text:
    return text_of(required(row, "prompt"), "prompt", source_of(row, "prompt_source"))


def pair_of(row: JsonObject) -> tuple[Text, Text]:
    first, second = (
        text_of(required(row, field), field, source_of(row, f"{field}_source"))
        for field in ("response_0", "response_1")
    )
    if first.text == second.text:
        raise BadRow("response_1", "same text as response_0")
    return first, second


def pku_safety(
    row: JsonObject, is_safe: str, harm_category: str, severity_level: str, own: Categories
) -> Safety:
    """The three in the middle: the keys of the three parts of the label. `own`: the harm categories of the
    project, whose releases have them in place of PKU's."""
    return Safety(
        flag(row, is_safe),
        ticked(row, harm_category, HARM_CATEGORY_KEYS, own),
        whole_number(row, severity_level, 3),
    )


def broken_safe_rule(label: Safety, field: str) -> list[Warned]:
    """Safe, severity 0 and no category must go together. About one released label in 16,000 breaks it."""
    has_harm = bool(label.harm_categories)
    if label.is_safe != has_harm and label.is_safe == (label.severity == 0):
        return []
    n_categories = len(label.harm_categories or ())
    stated = "safe" if label.is_safe else "unsafe"
    return [Warned(field, f"{stated}, but with severity {label.severity} and {n_categories} harm categories")]


def dual_preferences(row: JsonObject, safety: tuple[Safety, Safety]) -> tuple[dict[str, int], list[Warned]]:
    better = whole_number(row, "better_response_id", 1)
    safer = whole_number(row, "safer_response_id", 1)
    warnings = []
    if safety[1 - safer].is_safe and not safety[safer].is_safe:
        warnings = [Warned("safer_response_id", "names the unsafe response; the other one is safe")]
    return {"helpfulness": better, "harmlessness": safer}, warnings


def read_pku_pair(row: JsonObject, own: Categories = HARM_CATEGORY_KEYS) -> Row:
    responses = pair_of(row)
    first, second = (
        pku_safety(
            row, f"is_response_{i}_safe", f"response_{i}_harm_category", f"response_{i}_severity_level", own
        )
        for i in (0, 1)
    )
    preferences, warnings = dual_preferences(row, (first, second))
    warnings += broken_safe_rule(first, "is_response_0_safe") + broken_safe_rule(second, "is_response_1_safe")
    return Row(prompt_of(row), responses, (first, second), tuple(preferences.items()), tuple(warnings))


def read_v0_pair(row: JsonObject) -> Row:
    responses = pair_of(row)
    safety = Safety(flag(row, "is_response_0_safe")), Safety(flag(row, "is_response_1_safe"))
    preferences, warnings = dual_preferences(row, safety)
    return Row(prompt_of(row), responses, safety, tuple(preferences.items()), tuple(warnings))


def read_single_pair(row: JsonObject) -> Row:
    preferred = whole_number(row, "better_response_id", 1)
    return Row(prompt_of(row), pair_of(row), preferences=(("single", preferred),))


def read_pku_qa(row: JsonObject, own: Categories = HARM_CATEGORY_KEYS) -> Row:
    label = pku_safety(row, "is_safe", "harm_category", "severity_level", own)
    response = text_of(required(row, "response"), "response", source_of(row, "response_source"))
    return Row(prompt_of(row), (response,), (label,), warnings=tuple(broken_safe_rule(label, "is_safe")))


def read_beavertails(row: JsonObject) -> Row:
    """Its 14 categories are another taxonomy, kept under their own names."""
    label = Safety(flag(row, "is_safe"), ticked(row, "category", BEAVERTAILS_KEYS))
    warnings = []
    if label.is_safe == bool(label.harm_categories):
        stated = "safe" if label.is_safe else "unsafe"
        warnings = [Warned("is_safe", f"{stated}, but with {len(label.harm_categories or ())} categories")]
    response = text_of(required(row, "response"), "response", source_of(row, "response_source"))
    return Row(prompt_of(row), (response,), (label,), warnings=tuple(warnings))


def read_dialogues(row: JsonObject) -> Row:
    """Two transcripts that part at an answer of the assistant.

    The prompt is the transcript as far as both agree, "Human: ..." and "Assistant: ..." turns with a blank
    line between them, ending with what the human said last. What follows in each is a response: one
    answer, or an answer and further turns where the two differ earlier.
    """
    chosen, rejected = (text_of(required(row, field), field, "").text for field in ("chosen", "rejected"))
    if chosen == rejected:
        raise BadRow("rejected", "same text as chosen")
    end = end_of_shared_turns(chosen, rejected)
    prompt = chosen[:end].strip()
    if not prompt:
        raise BadRow("rejected", 'shares no opening with chosen that leads to an "Assistant:" turn')
    responses = (
        last_answer(chosen[end:], "chosen"),
        last_answer(rejected[end:], "rejected"),
    )
    if responses[0].text == responses[1].text:
        raise BadRow("rejected", "same answer as in chosen")
    # By hash, or else the preferred response would always be the first.
    chosen_first = responses[0].sha256 < responses[1].sha256
    return Row(
        text_of(prompt, "chosen", ""),
        responses if chosen_first else responses[::-1],
        preferences=(("single", 0 if chosen_first else 1),),
    )


def end_of_shared_turns(chosen: str, rejected: str) -> int:
    """Where the last "Assistant:" mark begins that both reach by the same text; 0 if there is none."""
    end = chosen.rfind(ASSISTANT_TURN)
    while end > 0 and not rejected.startswith(chosen[: end + len(ASSISTANT_TURN)]):
        end = chosen.rfind(ASSISTANT_TURN, 0, end)
    return max(end, 0)


def last_answer(turns: str, field: str) -> Text:
    answer = turns.removeprefix(ASSISTANT_TURN).strip()
    if not answer:
        raise EmptyText(field, "its last answer is empty")
    return text_of(answer, field, "")


def read_plain(row: JsonObject) -> Row:
    if "responses" not in row:
        response = text_of(required(row, "response"), "response", source_of(row, "response_source"))
        return Row(prompt_of(row), (response,))
    given = row["responses"]
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_RESPONSES:
        raise BadRow("responses", f"must be an array of 1 to {MOST_RESPONSES} responses")
    default_source = source_of(row, "response_source")
    distinct: dict[bytes, Text] = {}
    warnings = []
    for place, value in enumerate(given):
        response = listed_response(value, f"responses[{place}]", default_source)
        if response.sha256 in distinct:
            warnings.append(Warned(f"responses[{place}]", "same text as an earlier response; kept once"))
        distinct.setdefault(response.sha256, response)
    return Row(prompt_of(row), tuple(distinct.values()), warnings=tuple(warnings))


def listed_response(value: object, field: str, default_source: str) -> Text:
    if not isinstance(value, dict):
        return text_of(value, field, default_source)
    if "text" not in value:
        raise BadRow(f"{field}.text", "is missing")
    try:
        source = source_of(value, "source") or default_source
    except BadRow as bad:
        raise BadRow(f"{field}.source", bad.reason) from None
    return text_of(value["text"], f"{field}.text", source)


PAIR = frozenset({"prompt", "response_0", "response_1", "better_response_id"})
V0_PAIR = PAIR | {"is_response_0_safe", "is_response_1_safe", "safer_response_id"}
PKU_PAIR = V0_PAIR | {f"response_{i}_{part}" for i in (0, 1) for part in ("harm_category", "severity_level")}
PKU_QA = frozenset({"prompt", "response", "is_safe", "severity_level", "harm_category"})
BEAVERTAILS = frozenset({"prompt", "response", "category", "is_safe"})
DIALOGUES = frozenset({"chosen", "rejected"})

SHAPES = (
    Shape("PKU-SafeRLHF", PKU_PAIR, read_pku_pair),
    Shape("PKU-SafeRLHF v0", V0_PAIR, read_v0_pair),
    Shape("PKU-SafeRLHF-single-dimension", PAIR, read_single_pair),
    Shape("PKU-SafeRLHF-QA", PKU_QA, read_pku_qa),
    Shape("BeaverTails", BEAVERTAILS, read_beavertails),
    Shape("HH-RLHF", DIALOGUES, read_dialogues),
    Shape("prompt with responses", frozenset({"prompt", "responses"}), read_plain),
    Shape("prompt with responses", frozenset({"prompt", "response"}), read_plain),
)
# What a field holds, for files whose cells are text or numbers alone. All other fields hold text.
FLAG_FIELDS = frozenset({"is_safe", "is_response_0_safe", "is_response_1_safe"})
NUMBER_FIELDS = frozenset(
    {
        "severity_level",
        "response_0_severity_level",
        "response_1_severity_level",
        "better_response_id",
        "safer_response_id",
    }
)
CATEGORY_FIELDS = {
    "harm_category": HARM_CATEGORY_KEYS,
    "response_0_harm_category": HARM_CATEGORY_KEYS,
    "response_1_harm_category": HARM_CATEGORY_KEYS,
    "category": BEAVERTAILS_KEYS,
}
LIST_FIELDS = frozenset({"responses"})
# "category" alone is a common name for anything; beside these it belongs to BeaverTails.
KNOWN_KEYS = frozenset.union(*(shape.keys for shape in SHAPES)) - {"category"}


def shape_of(row: JsonObject) -> Shape | None:
    """The shape a file's first row has, None if it is of no known one."""
    for shape in SHAPES:
        if shape.keys <= row.keys() and not row.keys() & (KNOWN_KEYS - shape.keys):
            return shape
    return None


def in_project(shape: Shape, own: Categories) -> Shape:
    """As it is read for a project with these harm categories."""
    if shape.read in (read_pku_pair, read_pku_qa):
        return shape._replace(read=partial(shape.read, own=own))
    return shape


def unknown_shape(row: JsonObject) -> str:
    """A sentence that lists what was found and what is known."""
    found = ", ".join(key[:LONGEST_KEY_SHOWN] for key in list(row)[:MOST_KEYS_SHOWN]) or "none"
    known = "; ".join(f"{shape.name} ({', '.join(sorted(shape.keys))})" for shape in SHAPES)
    return (
        f"The keys of the first row fit no known shape. Found: {found}. Known: {known}."
        " --map OURS=THEIRS says which key is which."
    )
