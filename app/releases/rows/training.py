"""The rows that training code reads without a change: prompts alone, the first PKU-SafeRLHF, and TRL's.

TRL's preferences are in two forms: plain strings, and messages with a role, for models with a chat template.
"""

from typing import NamedTuple

from app.releases.rows.pku import QAPair, ResponsePair, Row


class AskedPrompt(NamedTuple):
    text: str
    source: str


def prompt_row(prompt: AskedPrompt) -> Row:
    """A row of PKU-SafeRLHF-prompt."""
    return {"prompt": prompt.text, "prompt_source": prompt.source}


def v0_row(pair: ResponsePair) -> Row:
    """A row in the shape of PKU-SafeRLHF's first version, of which -10K and -30K are parts."""
    return {
        "prompt": pair.prompt,
        "response_0": pair.response_0.text,
        "response_1": pair.response_1.text,
        "is_response_0_safe": pair.response_0.is_safe,
        "is_response_1_safe": pair.response_1.is_safe,
        "better_response_id": pair.better,
        "safer_response_id": pair.safer,
    }


def preference_row(pair: ResponsePair, chosen: object) -> Row:
    """TRL's preference with an explicit prompt. `chosen`: 0 or 1, the preferred side."""
    kept, other = in_order(pair, chosen)
    return {"prompt": pair.prompt, "chosen": kept, "rejected": other}


def conversational_row(pair: ResponsePair, chosen: object) -> Row:
    """As `preference_row`, each text as a list of one message."""
    kept, other = in_order(pair, chosen)
    return {
        "prompt": [{"role": "user", "content": pair.prompt}],
        "chosen": [{"role": "assistant", "content": kept}],
        "rejected": [{"role": "assistant", "content": other}],
    }


def unpaired_row(pair: QAPair) -> Row:
    """TRL's unpaired preference (KTO). The label is the safety flag, which stands for itself: that one
    response is safer than another says of neither that it is good."""
    return {"prompt": pair.prompt, "completion": pair.response.text, "label": pair.response.is_safe}


def in_order(pair: ResponsePair, chosen: object) -> tuple[str, str]:
    """(the chosen text, the other one)."""
    texts = (pair.response_0.text, pair.response_1.text)
    return texts if chosen == 0 else texts[::-1]
