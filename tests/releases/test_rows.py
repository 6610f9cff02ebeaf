"""The published shapes, key by key."""

from hashlib import sha256

from app.projects.pku import PKU
from tests.releases import samples
from tests.releases.samples import dual_row, qa_row, single_row

DUAL_KEYS = [
    "prompt",
    "response_0",
    "response_1",
    "prompt_source",
    "response_0_source",
    "response_1_source",
    "is_response_0_safe",
    "is_response_1_safe",
    "response_0_harm_category",
    "response_1_harm_category",
    "response_0_severity_level",
    "response_1_severity_level",
    "better_response_id",
    "safer_response_id",
    "response_0_sha256",
    "response_1_sha256",
]
QA_KEYS = [
    "prompt",
    "response",
    "prompt_source",
    "response_source",
    "is_safe",
    "severity_level",
    "harm_category",
    "sha256",
]
SINGLE_KEYS = [
    "prompt",
    "response_0",
    "response_1",
    "prompt_source",
    "response_0_source",
    "response_1_source",
    "better_response_id",
    "response_0_sha256",
    "response_1_sha256",
]


def test_a_dual_row_has_the_sixteen_keys_in_order() -> None:
    assert list(dual_row(samples.response_pair())) == DUAL_KEYS


def test_a_qa_row_has_the_eight_keys_in_order() -> None:
    assert list(qa_row(samples.qa_pair())) == QA_KEYS


def test_a_single_row_has_the_nine_keys_in_order() -> None:
    assert list(single_row(samples.response_pair())) == SINGLE_KEYS


def test_each_value_stands_under_its_own_key() -> None:
    first, second = samples.safe("No.", "A"), samples.unsafe("Yes.", "B", severity=3)
    row = dual_row(samples.response_pair("Q?", first, second, better=1, safer=0))
    assert (row["prompt"], row["response_0"], row["response_1"]) == ("Q?", "No.", "Yes.")
    assert (row["prompt_source"], row["response_0_source"], row["response_1_source"]) == ("demo", "A", "B")
    assert (row["is_response_0_safe"], row["is_response_1_safe"]) == (True, False)
    assert (row["response_0_severity_level"], row["response_1_severity_level"]) == (0, 3)
    assert (row["better_response_id"], row["safer_response_id"]) == (1, 0)


def test_a_single_row_carries_the_single_preference() -> None:
    row = single_row(samples.response_pair(better=1, safer=1, single=0))
    assert row["better_response_id"] == 0


def test_the_harm_categories_are_nineteen_booleans_in_taxonomy_order() -> None:
    response = samples.unsafe(categories=("Animal Abuse", "Violence"))
    flags = qa_row(samples.qa_pair(response=response))["harm_category"]
    assert isinstance(flags, dict)
    assert list(flags) == list(PKU.category_names)
    assert len(flags) == 19
    assert [name for name, flag in flags.items() if flag is True] == ["Violence", "Animal Abuse"]
    assert all(isinstance(flag, bool) for flag in flags.values())


def test_the_checksum_is_of_prompt_and_response_in_utf_8() -> None:
    row = qa_row(samples.qa_pair("Où ?", samples.safe("Là 😀")))
    assert row["sha256"] == sha256("Où ?Là 😀".encode()).hexdigest()


def test_both_checksums_of_a_pair_are_of_their_own_side() -> None:
    row = single_row(samples.response_pair("Q", samples.safe("a"), samples.unsafe("b")))
    assert row["response_0_sha256"] == sha256(b"Qa").hexdigest()
    assert row["response_1_sha256"] == sha256(b"Qb").hexdigest()
