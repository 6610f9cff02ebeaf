import json
import unicodedata
from importlib.resources import files
from typing import Any

LONG_ANSWER_WORDS = 280


def campaign_lines() -> list[str]:
    return files("app.demo").joinpath("campaign.jsonl").read_text(encoding="utf-8").splitlines()


def campaign() -> list[dict[str, Any]]:
    return [json.loads(line) for line in campaign_lines()]


def response_texts() -> list[str]:
    return [response["text"] for row in campaign() for response in row["responses"]]


def prompts() -> list[str]:
    return [row["prompt"] for row in campaign()]


def is_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text)


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def test_it_has_36_prompts_one_json_object_a_line() -> None:
    assert len(campaign_lines()) == 36
    assert all(isinstance(row, dict) for row in campaign())


def test_it_gives_every_row_the_same_fields_and_sources() -> None:
    for row in campaign():
        assert list(row) == ["prompt", "prompt_source", "responses"]
        assert row["prompt_source"] == "evenhand-demo"
        assert all(set(response) == {"text", "source"} for response in row["responses"])


def test_it_has_exactly_two_responses_to_each_prompt() -> None:
    for row in campaign():
        assert [response["source"] for response in row["responses"]] == ["demo-model-a", "demo-model-b"]


def test_it_repeats_no_prompt_and_no_response() -> None:
    assert len(set(prompts())) == 36
    assert len({text.casefold() for text in response_texts()}) == 72


def test_it_has_no_blank_or_untrimmed_text() -> None:
    assert all(text == text.strip() != "" for text in prompts() + response_texts())


def test_it_shows_one_right_to_left_and_two_chinese_pairs_throughout() -> None:
    for is_in_script, n_expected in ((is_right_to_left, 1), (is_chinese, 2)):
        shown = [row for row in campaign() if is_in_script(row["prompt"])]
        assert len(shown) == n_expected
        assert all(is_in_script(response["text"]) for row in shown for response in row["responses"])


def test_it_has_one_long_answer() -> None:
    assert sum(len(text.split()) >= LONG_ANSWER_WORDS for text in response_texts()) == 1


def test_it_has_markup_lists_and_code_to_show_as_plain_text() -> None:
    together = "\n".join(response_texts())
    for shown_as_is in ("<b>hello</b>", "&amp;", "\n- ", "\n1. ", "```python\n"):
        assert shown_as_is in together
