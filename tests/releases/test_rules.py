"""Which rows are dropped, and under which reason."""

import pytest

from app.projects.pku import PKU
from app.releases.rows.pku import LabelledResponse, QAPair, ResponsePair
from app.releases.rows.rules import (
    REASON_SENTENCES,
    DropReason,
    why_pair_dropped,
    why_qa_pair_dropped,
)
from tests.releases import samples


def of_dual(pair: ResponsePair) -> DropReason | None:
    return why_pair_dropped(pair, PKU.category_names).dual


def of_single(pair: ResponsePair) -> DropReason | None:
    return why_pair_dropped(pair, PKU.category_names).single


def of_qa(pair: QAPair) -> DropReason | None:
    return why_qa_pair_dropped(pair, PKU.category_names)


def test_a_complete_row_is_kept() -> None:
    assert of_dual(samples.response_pair()) is None
    assert of_qa(samples.qa_pair()) is None
    assert of_single(samples.response_pair()) is None


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        (samples.response_pair(better=None), DropReason.NO_HELPFULNESS_RANKING),
        (samples.response_pair(better="tie"), DropReason.HELPFULNESS_TIE),
        (samples.response_pair(safer=None), DropReason.NO_HARMLESSNESS_RANKING),
        (samples.response_pair(safer="tie"), DropReason.HARMLESSNESS_TIE),
        (samples.response_pair(safer=1), DropReason.SAFER_SIDE_UNSAFE),
        (samples.response_pair(first=samples.unlabelled()), DropReason.NO_SAFETY_CONSENSUS),
        (samples.response_pair(second=samples.unlabelled()), DropReason.NO_SAFETY_CONSENSUS),
        (samples.response_pair("\n"), DropReason.EMPTY_TEXT),
        (samples.response_pair(second=samples.unsafe(" \t")), DropReason.EMPTY_TEXT),
    ],
)
def test_a_dual_row_is_dropped_for_what_it_lacks(pair: ResponsePair, reason: DropReason) -> None:
    assert of_dual(pair) is reason


def test_the_safer_side_may_be_unsafe_when_the_other_is_too() -> None:
    both_unsafe = samples.response_pair(first=samples.unsafe("Sure.", severity=3), safer=1)
    assert of_dual(both_unsafe) is None


def test_the_safer_rule_holds_for_either_side() -> None:
    mirrored = samples.response_pair(first=samples.unsafe(), second=samples.safe(), safer=0)
    assert of_dual(mirrored) is DropReason.SAFER_SIDE_UNSAFE
    assert of_dual(mirrored._replace(safer=1)) is None


def test_a_single_row_needs_its_preference_and_no_safety_label() -> None:
    bare = samples.response_pair(
        first=samples.unlabelled("a"), second=samples.unlabelled("b"), better=None, safer=None
    )
    assert of_single(bare) is None
    assert of_single(bare._replace(single=None)) is DropReason.NO_SINGLE_PREFERENCE
    assert of_single(bare._replace(single="tie")) is DropReason.SINGLE_PREFERENCE_TIE


@pytest.mark.parametrize(
    "response",
    [
        LabelledResponse("t", "m", True, frozenset(), 1),
        LabelledResponse("t", "m", True, frozenset({"Drugs"}), 0),
        LabelledResponse("t", "m", False, frozenset({"Drugs"}), 0),
        LabelledResponse("t", "m", False, frozenset(), 2),
        LabelledResponse("t", "m", False, frozenset({"Drugs"}), 4),
    ],
)
def test_a_label_that_contradicts_itself_is_dropped(response: LabelledResponse) -> None:
    assert of_qa(samples.qa_pair(response=response)) is DropReason.CONTRADICTORY_SAFETY_LABEL
    assert of_dual(samples.response_pair(second=response)) is DropReason.CONTRADICTORY_SAFETY_LABEL


def test_a_label_without_severity_is_no_consensus() -> None:
    response = samples.safe()._replace(severity=None)
    assert of_qa(samples.qa_pair(response=response)) is DropReason.NO_SAFETY_CONSENSUS


def test_a_category_outside_the_taxonomy_is_dropped_not_lost() -> None:
    response = samples.unsafe(categories=("Cybercrime", "cybercrime"))
    assert of_qa(samples.qa_pair(response=response)) is DropReason.UNKNOWN_CATEGORY


def test_an_empty_prompt_or_response_is_dropped() -> None:
    assert of_qa(samples.qa_pair("")) is DropReason.EMPTY_TEXT
    assert of_qa(samples.qa_pair(response=samples.safe("  \n"))) is DropReason.EMPTY_TEXT


@pytest.mark.parametrize(
    ("first", "second"),
    [("Yes.", "Yes."), ("Yes, do.", " Yes,\n do. "), ("caf\u00e9", "cafe\u0301"), ("a\u00a0b", "a b")],
)
def test_sides_that_a_tokenizer_may_read_alike_are_dropped(first: str, second: str) -> None:
    pair = samples.response_pair(first=samples.safe(first), second=samples.unsafe(second))
    assert of_dual(pair) is DropReason.SAME_RESPONSES
    assert of_single(pair) is DropReason.SAME_RESPONSES


def test_sides_that_differ_past_the_readers_window_are_dropped() -> None:
    shared = "word " * 300
    pair = samples.response_pair(first=samples.safe(shared + "a"), second=samples.unsafe(shared + "b"))
    assert of_dual(pair) is DropReason.RESPONSES_DIFFER_TOO_LATE
    assert why_pair_dropped(pair, PKU.category_names, reader_tokens=1024).dual is None


def test_a_prompt_that_fills_the_readers_window_leaves_no_difference_to_see() -> None:
    pair = samples.response_pair("é" * 300, samples.safe("No."), samples.unsafe("Yes."))
    assert of_dual(pair) is DropReason.RESPONSES_DIFFER_TOO_LATE


def test_a_dialogue_of_a_thousand_letters_leaves_enough_of_the_window() -> None:
    pair = samples.response_pair("plain words " * 90, samples.safe("No."), samples.unsafe("Yes."))
    assert of_dual(pair) is None


def test_a_tokenizer_that_spends_a_token_on_each_byte_of_other_scripts_sees_the_difference() -> None:
    around = (b"BEGINNING OF CONVERSATION: USER: ", b" ASSISTANT:")
    n_kept = 0
    for n_shared in range(400, 520):
        first, second = "é" * (n_shared // 2) + "a", "é" * (n_shared // 2) + "b"
        pair = samples.response_pair("Q", samples.safe(first), samples.unsafe(second))
        if of_dual(pair) is None:
            n_kept += 1
            seen = [(around[0] + b"Q" + around[1] + text.encode())[:512] for text in (first, second)]
            assert seen[0] != seen[1]
    assert 0 < n_kept < 120


def test_every_reason_has_a_sentence() -> None:
    assert set(REASON_SENTENCES) == set(DropReason)
    assert all(sentence.endswith(".") for sentence in REASON_SENTENCES.values())
