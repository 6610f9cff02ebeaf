"""Which shape a file is of, and how a row of each is read."""

from typing import Any

import pytest

from app.items.rows import LONGEST_TEXT_BYTES, BadRow, Row, Safety
from app.items.shapes import Shape, shape_of, unknown_shape
from app.items.vocabularies import BEAVERTAILS_KEYS
from tests.items.samples import JsonObject, harm, pku_pair, pku_qa, plain

V0_KEYS = (
    "prompt",
    "response_0",
    "response_1",
    "is_response_0_safe",
    "is_response_1_safe",
    "better_response_id",
    "safer_response_id",
)
SINGLE_KEYS = (
    "prompt",
    "response_0",
    "response_1",
    "prompt_source",
    "response_0_source",
    "response_1_source",
    "better_response_id",
    "response_0_sha256",
    "response_1_sha256",
)


def v0_pair() -> JsonObject:
    return {key: pku_pair()[key] for key in V0_KEYS}


def single_pair() -> JsonObject:
    return {key: pku_pair()[key] for key in SINGLE_KEYS}


def beavertails(**changes: object) -> JsonObject:
    category = {key: key in {"animal_abuse", "privacy_violation"} for key in sorted(BEAVERTAILS_KEYS)}
    return {"prompt": "Why?", "response": "Because.", "category": category, "is_safe": False} | changes


def dialogues(chosen: str, rejected: str) -> JsonObject:
    return {"chosen": chosen, "rejected": rejected}


def read(row: JsonObject) -> Row:
    return known_shape(row).read(row)


def known_shape(row: JsonObject) -> Shape:
    shape = shape_of(row)
    assert shape is not None
    return shape


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (pku_pair(), "PKU-SafeRLHF"),
        (v0_pair(), "PKU-SafeRLHF v0"),
        (single_pair(), "PKU-SafeRLHF-single-dimension"),
        (pku_qa(), "PKU-SafeRLHF-QA"),
        (beavertails(), "BeaverTails"),
        (dialogues("", ""), "HH-RLHF"),
        (plain(), "prompt with responses"),
        ({"prompt": "Why?", "responses": ["Because."]}, "prompt with responses"),
        (plain(category="geography", id=7), "prompt with responses"),
    ],
)
def test_it_knows_each_shape_by_its_keys(row: JsonObject, name: str) -> None:
    assert known_shape(row).name == name


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"prompt": "Why?"},
        {"text": "Why?"},
        plain(is_safe=True),
        {"prompt": "", "chosen": "", "rejected": ""},
    ],
)
def test_it_knows_no_shape_where_labels_would_be_lost(row: JsonObject) -> None:
    assert shape_of(row) is None


def test_it_says_which_keys_it_found_and_which_shapes_there_are() -> None:
    sentence = unknown_shape({"question": 1, "answer": 2})
    assert "Found: question, answer." in sentence
    assert "PKU-SafeRLHF-QA (harm_category, is_safe, prompt, response, severity_level)" in sentence


def test_a_pair_has_two_safety_labels_and_two_preferences() -> None:
    row = read(pku_pair())
    assert [response.text for response in row.responses] == [
        "Speak softly to it.",
        "Shout at it until it stops.",
    ]
    assert [response.source for response in row.responses] == ["model-a", "model-b"]
    assert row.safety == (Safety(True, (), 0), Safety(False, ("Animal Abuse",), 1))
    assert row.preferences == (("helpfulness", 1), ("harmlessness", 0))
    assert row.warnings == ()


def test_a_v0_pair_knows_only_whether_it_is_safe() -> None:
    row = read(v0_pair())
    assert row.safety == (Safety(True), Safety(False))
    assert row.preferences == (("helpfulness", 1), ("harmlessness", 0))
    assert row.prompt.source == ""


def test_a_single_dimension_pair_has_one_preference_and_no_safety_label() -> None:
    row = read(single_pair())
    assert (row.safety, row.preferences) == ((), (("single", 1),))


def test_beavertails_categories_keep_their_own_names() -> None:
    assert read(beavertails()).safety == (Safety(False, ("animal_abuse", "privacy_violation")),)


def test_dialogues_part_at_the_last_answer() -> None:
    shared = "\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: What is a fjord?\n\nAssistant:"
    row = read(dialogues(f"{shared} An inlet.", f"{shared} A hill. "))
    assert row.prompt.text == "Human: Hi\n\nAssistant: Hello.\n\nHuman: What is a fjord?"
    assert [response.text for response in row.responses] == ["An inlet.", "A hill."]
    assert row.preferences == (("single", 0),)


def test_dialogues_that_part_earlier_keep_their_later_turns() -> None:
    shared = "\n\nHuman: Hi\n\nAssistant:"
    row = read(dialogues(f"{shared} Hey.\n\nHuman: Yes?\n\nAssistant: Good.", f"{shared} Hello."))
    assert row.prompt.text == "Human: Hi"
    assert {r.text for r in row.responses} == {"Hey.\n\nHuman: Yes?\n\nAssistant: Good.", "Hello."}


def test_the_chosen_response_stands_first_about_as_often_as_second() -> None:
    places = [
        read(dialogues(f"\n\nHuman: {n}?\n\nAssistant: Yes.", f"\n\nHuman: {n}?\n\nAssistant: No. {n}"))
        for n in range(200)
    ]
    chosen_first = [row.preferences == (("single", 0),) for row in places]
    assert all(
        (row.responses[0].text == "Yes.") is first for row, first in zip(places, chosen_first, strict=True)
    )
    assert 60 < sum(chosen_first) < 140


@pytest.mark.parametrize(
    ("chosen", "rejected", "field", "reason"),
    [
        (
            "\n\nHuman: Hi\n\nAssistant: ",
            "\n\nHuman: Hi\n\nAssistant: Hey",
            "chosen",
            "its last answer is empty",
        ),
        (
            "\n\nHuman: Hi\n\nAssistant: Hey",
            "\n\nHuman: Hi\n\nAssistant: Hey",
            "rejected",
            "same text as chosen",
        ),
        (
            "\n\nHuman: Hi\n\nAssistant: Hey",
            "\n\nHuman: Hi\n\nAssistant: Hey ",
            "rejected",
            "same answer as in chosen",
        ),
        ("\n\nHuman: Hi\n\nAssistant: A", "\n\nHuman: Ho\n\nAssistant: B", "rejected", "shares no opening"),
        ("plain", "text", "rejected", "shares no opening"),
    ],
)
def test_dialogues_without_a_prompt_and_two_answers_are_bad(
    chosen: str, rejected: str, field: str, reason: str
) -> None:
    with pytest.raises(BadRow) as bad:
        read(dialogues(chosen, rejected))
    assert bad.value.field == field
    assert bad.value.reason.startswith(reason)


def test_listed_responses_may_name_their_source() -> None:
    row = read({"prompt": "Why?", "responses": ["A", {"text": "B", "source": "b"}], "response_source": "all"})
    assert [(r.text, r.source) for r in row.responses] == [("A", "all"), ("B", "b")]


def test_a_response_listed_twice_is_kept_once_and_told() -> None:
    row = read({"prompt": "Why?", "responses": ["A", "B", "A"]})
    assert [response.text for response in row.responses] == ["A", "B"]
    assert [warning.field for warning in row.warnings] == ["responses[2]"]


PAIR_FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"prompt": None}, "prompt", "must be a string, not null"),
    ({"prompt": " \n"}, "prompt", "is empty"),
    ({"response_1": ""}, "response_1", "is empty"),
    ({"response_0": "a\0b"}, "response_0", "has a NUL character, which can't be stored"),
    ({"response_0": ["a"]}, "response_0", "must be a string, not an array"),
    ({"response_1": "Speak softly to it."}, "response_1", "same text as response_0"),
    (
        {"response_0": "é" * (LONGEST_TEXT_BYTES // 2 + 1)},
        "response_0",
        "has 1,000,002 bytes; 1,000,000 is the most",
    ),
    ({"prompt_source": 3}, "prompt_source", "must be a string, not a number"),
    ({"is_response_0_safe": 1}, "is_response_0_safe", "must be true or false, not a number"),
    (
        {"response_1_severity_level": 4},
        "response_1_severity_level",
        "must be a whole number from 0 to 3, not 4",
    ),
    (
        {"response_1_severity_level": True},
        "response_1_severity_level",
        "must be a whole number from 0 to 3, not true",
    ),
    ({"better_response_id": 2}, "better_response_id", "must be a whole number from 0 to 1, not 2"),
    ({"safer_response_id": None}, "safer_response_id", "must be a whole number from 0 to 1, not null"),
    ({"safer_response_id": 0.0}, "safer_response_id", "must be a whole number from 0 to 1, not 0.0"),
    ({"response_0_harm_category": []}, "response_0_harm_category", "must be an object, not an array"),
    ({"response_0_harm_category": {}}, "response_0_harm_category", 'lacks the category "Animal Abuse"'),
    (
        {"response_0_harm_category": harm() | {"Bad": True}},
        "response_0_harm_category",
        'has the unknown category "Bad"',
    ),
    (
        {"response_0_harm_category": harm() | {"Violence": None}},
        "response_0_harm_category",
        '"Violence" must be true or false, not null',
    ),
]


@pytest.mark.parametrize(("changes", "field", "reason"), PAIR_FAULTS, ids=[fault[2] for fault in PAIR_FAULTS])
def test_a_bad_row_names_the_field_and_the_reason(changes: dict[str, Any], field: str, reason: str) -> None:
    row = pku_pair(**changes)
    with pytest.raises(BadRow) as bad:
        known_shape(pku_pair()).read(row)
    assert (bad.value.field, bad.value.reason) == (field, reason)


@pytest.mark.parametrize("key", sorted(known_shape(pku_pair()).keys))
def test_a_missing_key_is_named(key: str) -> None:
    row = pku_pair()
    del row[key]
    with pytest.raises(BadRow) as bad:
        known_shape(pku_pair()).read(row)
    assert (bad.value.field, bad.value.reason) == (key, "is missing")


@pytest.mark.parametrize(
    ("responses", "field"),
    [
        ([], "responses"),
        ("A", "responses"),
        (["A"] * 51, "responses"),
        ([3], "responses[0]"),
        (["A", {"source": "b"}], "responses[1].text"),
        (["A", {"text": ""}], "responses[1].text"),
        ([{"text": "A", "source": 3}], "responses[0].source"),
    ],
)
def test_bad_listed_responses_are_named_by_their_place(responses: object, field: str) -> None:
    with pytest.raises(BadRow) as bad:
        read({"prompt": "Why?", "responses": responses})
    assert bad.value.field == field


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (pku_qa(is_safe=True), "is_safe"),
        (pku_qa(severity_level=0), "is_safe"),
        (pku_qa(harm_category=harm()), "is_safe"),
        (pku_pair(response_0_severity_level=2), "is_response_0_safe"),
        (pku_pair(safer_response_id=1), "safer_response_id"),
        (beavertails(is_safe=True), "is_safe"),
    ],
)
def test_a_label_that_contradicts_itself_is_kept_and_told(row: JsonObject, field: str) -> None:
    assert [warning.field for warning in read(row).warnings] == [field]
