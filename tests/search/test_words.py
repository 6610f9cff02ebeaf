"""What a word is, in whatever language, and what people ask for in a few signs."""

import pytest

from app.search.asked import as_tsquery, asked_in
from app.search.words import LONGEST_WORD, as_tsvector, document, words_of


def test_words_are_folded_and_have_their_places() -> None:
    assert (words_of("Ärger, DON'T  …ﬁne!")) == ["ärger", "don", "t", "fine"]


def test_where_no_spaces_are_each_pair_of_letters_is_a_word() -> None:
    assert (words_of("中文字 a")) == ["中文", "文字", "字", "a"]


def test_a_picture_is_a_word_of_its_own() -> None:
    assert words_of("well😀done") == ["well", "😀", "done"]


def test_no_phrase_goes_from_a_prompt_into_its_response() -> None:
    places = document(["one", "two"], ["three"], set())
    assert places == {"one": ":1", "two": ":2", "three": ":13"}


def test_a_document_is_text_for_postgresql_with_the_source_as_a_word() -> None:
    text = as_tsvector(document(["it", "s"], ["it", "s"], {"mo'del\\1"}))
    assert text == r"'source:mo''del\\1' 'it':1,13 's':2,14"


def test_a_word_of_any_length_is_cut() -> None:
    assert words_of("x" * 10_000) == ["x" * LONGEST_WORD]


@pytest.mark.parametrize(
    ("find", "tsquery"),
    [
        ("Tea  milk", "('tea') & ('milk')"),
        ('"Green tea" cup', "('green' <1> 'tea') & ('cup')"),
        ("don't", "('don' <1> 't')"),
        ("中文字", "('中文' <1> '文字')"),
        ('"中文字 ok"', "('中文' <1> '文字' <2> 'ok')"),
        ("中", "('中':*)"),
        ("rev*", "'rev':*"),
        ("% _ ' \" \\ ( ) & | ! :*", ""),
        ('"never closed', "('never' <1> 'closed')"),
        ("a\x00b", "('a' <1> 'b')"),
        ("a.*+?[b]{2}|c", "('a' <1> 'b' <1> '2' <1> 'c')"),
        ("😀", "('😀')"),
    ],
)
def test_what_is_asked_for(find: str, tsquery: str) -> None:
    asked = asked_in(find)
    assert as_tsquery(asked, []) == tsquery
    assert asked.has_words == bool(tsquery)


def test_numbers_and_hashes_name_items() -> None:
    assert asked_in(" 17 ").item_id == asked_in("id:17").item_id == asked_in("#17").item_id == 17
    assert asked_in("AB" * 32).sha256 == bytes.fromhex("ab" * 32)
    assert asked_in('"17"').phrases
    assert asked_in("9" * 30).phrases


def test_parts_of_words() -> None:
    assert asked_in("*Ache*").parts == asked_in("*ache").parts == ("ache",)
    assert as_tsquery(asked_in("*ache* tea"), [["ache", "teacher"]]) == "('tea') & ('ache' | 'teacher')"
