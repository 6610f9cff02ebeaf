"""The rows of a release, key by key as PKU-SafeRLHF and its siblings publish them."""

from app.releases.rows.blocks import PairBlock, QABlock
from app.releases.rows.fields import FLAG, INT, TEXT, Fields, flags, plain_texts, values_of

SOURCES = dict.fromkeys(("prompt_source", "response_0_source", "response_1_source"), TEXT)
LEVELS = ("response_0_severity_level", "response_1_severity_level")
LEVELS_AND_SIDES = dict.fromkeys((*LEVELS, "better_response_id", "safer_response_id"), INT)


def dual_rows(block: PairBlock, category_names: tuple[str, ...]) -> tuple[Fields, ...]:
    """Rows of PKU-SafeRLHF: both safety labels, helpfulness and harmlessness apart."""
    pairs = block.pairs
    return (
        *block.texts(),
        sources_of(block),
        block.safe_flags(),
        flags(
            "response_0_harm_category", [pair.response_0.harm_categories for pair in pairs], category_names
        ),
        flags(
            "response_1_harm_category", [pair.response_1.harm_categories for pair in pairs], category_names
        ),
        values_of(
            LEVELS_AND_SIDES,
            [(pair.response_0.severity, pair.response_1.severity, pair.better, pair.safer) for pair in pairs],
        ),
        *checksums_of(block),
    )


def qa_rows(block: QABlock, category_names: tuple[str, ...]) -> tuple[Fields, ...]:
    """Rows of PKU-SafeRLHF-QA: one response and its safety label."""
    pairs = block.pairs
    sources = [(pair.prompt_source, pair.response.source) for pair in pairs]
    return (
        block.prompts.named("prompt"),
        block.responses.named("response"),
        values_of({"prompt_source": TEXT, "response_source": TEXT}, sources),
        values_of(
            {"is_safe": FLAG, "severity_level": INT},
            [(pair.response.is_safe, pair.response.severity) for pair in pairs],
        ),
        flags("harm_category", [pair.response.harm_categories for pair in pairs], category_names),
        plain_texts("sha256", [pair.checksum for pair in pairs]),
    )


def beavertails_rows(block: QABlock, category_names: tuple[str, ...]) -> tuple[Fields, ...]:
    """Rows of BeaverTails: the label of one response without a severity, as that data set has none."""
    pairs = block.pairs
    return (
        block.prompts.named("prompt"),
        block.responses.named("response"),
        flags("category", [pair.response.harm_categories for pair in pairs], category_names),
        values_of({"is_safe": FLAG}, [(pair.response.is_safe,) for pair in pairs]),
    )


def single_rows(block: PairBlock) -> tuple[Fields, ...]:
    """Rows of PKU-SafeRLHF-single-dimension: one overall preference, no safety fields."""
    better = values_of({"better_response_id": INT}, [(pair.single,) for pair in block.pairs])
    return (*block.texts(), sources_of(block), better, *checksums_of(block))


def sources_of(block: PairBlock) -> Fields:
    return values_of(
        SOURCES,
        [(pair.prompt_source, pair.response_0.source, pair.response_1.source) for pair in block.pairs],
    )


def checksums_of(block: PairBlock) -> tuple[Fields, ...]:
    return tuple(
        plain_texts(f"response_{side}_sha256", [pair.checksums[side] for pair in block.pairs])
        for side in (0, 1)
    )
