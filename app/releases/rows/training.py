"""The rows that training code reads without a change: prompts alone, the first PKU-SafeRLHF, and TRL's.

TRL's preferences are in two forms: plain strings, and messages with a role, for models with a chat template.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from app.releases.rows.blocks import PairBlock, QABlock
from app.releases.rows.fields import FLAG, INT, TEXT, Fields, Texts, key_of, texts_of, values_of

MESSAGES = pa.list_(pa.struct([("role", TEXT), ("content", TEXT)]))
SIDES = {"better_response_id": INT, "safer_response_id": INT}


class AskedPrompt(NamedTuple):
    text: str
    source: str


def prompt_rows(prompts: Sequence[AskedPrompt]) -> tuple[Fields, ...]:
    """Rows of PKU-SafeRLHF-prompt."""
    texts = texts_of([prompt.text for prompt in prompts])
    return texts.named("prompt"), values_of({"prompt_source": TEXT}, [(prompt.source,) for prompt in prompts])


def v0_rows(block: PairBlock) -> tuple[Fields, ...]:
    """Rows in the shape of PKU-SafeRLHF's first version, of which -10K and -30K are parts."""
    sides = values_of(SIDES, [(pair.better, pair.safer) for pair in block.pairs])
    return (*block.texts(), block.safe_flags(), sides)


def preference_rows(block: PairBlock, chosen: Sequence[object]) -> tuple[Fields, ...]:
    """TRL's preference with an explicit prompt. `chosen`: 0 or 1, the preferred side of each pair."""
    kept, other = block.in_order(chosen)
    return block.prompts.named("prompt"), kept.named("chosen"), other.named("rejected")


def conversational_rows(block: PairBlock, chosen: Sequence[object]) -> tuple[Fields, ...]:
    """As `preference_rows`, each text as a list of one message."""
    kept, other = block.in_order(chosen)
    return (
        messages("prompt", "user", block.prompts),
        messages("chosen", "assistant", kept),
        messages("rejected", "assistant", other),
    )


def messages(name: str, role: str, texts: Texts) -> Fields:
    n = len(texts.plain)
    each = pa.StructArray.from_arrays([pa.repeat(role, n), texts.plain], fields=list(MESSAGES.value_type))
    column = pa.ListArray.from_arrays(pa.array(range(n + 1), pa.int32()), each)
    start = b'[{"role":"%b","content":' % role.encode()
    return Fields((key_of(name), start, texts.json, b"}]"), (column,))


def unpaired_rows(block: QABlock) -> tuple[Fields, ...]:
    """TRL's unpaired preference (KTO). The label is the safety flag, which stands for itself: that one
    response is safer than another says of neither that it is good."""
    label = values_of({"label": FLAG}, [(pair.response.is_safe,) for pair in block.pairs])
    return block.prompts.named("prompt"), block.responses.named("completion"), label
