"""The columns of each dataset: for its Parquet files, and for readers that would guess types from null."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from app.projects.beavertails import BEAVERTAILS
from app.releases.manifest import DatasetName
from app.releases.rows.fields import FLAG, INT, INTS, SHARE, TEXT, TEXTS, flags_kind
from app.releases.rows.long_format import PAIRS, safety_kind
from app.releases.rows.training import MESSAGES

QA_TEXTS = (("prompt", TEXT), ("response", TEXT))
PAIR = (
    *(("prompt", TEXT), ("response_0", TEXT), ("response_1", TEXT)),
    *(("prompt_source", TEXT), ("response_0_source", TEXT), ("response_1_source", TEXT)),
)
BETTER, SAFER = ("better_response_id", INT), ("safer_response_id", INT)
SAFE_FLAGS = (("is_response_0_safe", FLAG), ("is_response_1_safe", FLAG))
CHECKSUMS = (("response_0_sha256", TEXT), ("response_1_sha256", TEXT))
PREFERENCE = (("prompt", TEXT), ("chosen", TEXT), ("rejected", TEXT))
CONVERSATION = (("prompt", MESSAGES), ("chosen", MESSAGES), ("rejected", MESSAGES))
JUDGED = (("item", TEXT), ("responses", TEXTS), ("dimension", TEXT))

HAVE_NULLS = frozenset({DatasetName.ANNOTATIONS, DatasetName.CONSENSUS})

Columns = tuple[tuple[str, pa.DataType], ...]


def datasets_by(category_names: Sequence[str]) -> tuple[DatasetName, ...]:
    """Those of a release of a project with these harm categories."""
    is_beavertails = tuple(category_names) == BEAVERTAILS.category_names
    return tuple(name for name in DatasetName if is_beavertails or name is not DatasetName.BEAVERTAILS)


def schema_of(name: DatasetName, category_names: Sequence[str]) -> pa.Schema:
    """Fields in the order of the rows."""
    return pa.schema(columns_of(name, category_names))


def columns_of(name: DatasetName, category_names: Sequence[str]) -> Columns:
    flags = flags_kind(tuple(category_names))
    fixed: dict[DatasetName, Columns] = {
        DatasetName.DUAL: dual_columns(flags),
        DatasetName.QA: qa_columns(flags),
        DatasetName.BEAVERTAILS: (*QA_TEXTS, ("category", flags), ("is_safe", FLAG)),
        DatasetName.SINGLE: (*PAIR, BETTER, *CHECKSUMS),
        DatasetName.PROMPT: (("prompt", TEXT), ("prompt_source", TEXT)),
        DatasetName.V0: (*PAIR[:3], *SAFE_FLAGS, BETTER, SAFER),
        DatasetName.UNPAIRED: (("prompt", TEXT), ("completion", TEXT), ("label", FLAG)),
        DatasetName.ANNOTATIONS: annotation_columns(flags),
        DatasetName.CONSENSUS: consensus_columns(category_names),
        **dict.fromkeys((DatasetName.HELPFUL, DatasetName.HARMLESS, DatasetName.OVERALL), PREFERENCE),
        **dict.fromkeys(
            (DatasetName.HELPFUL_CHAT, DatasetName.HARMLESS_CHAT, DatasetName.OVERALL_CHAT), CONVERSATION
        ),
    }
    return fixed[name]


def dual_columns(flags: pa.DataType) -> Columns:
    return (
        *PAIR,
        *SAFE_FLAGS,
        *(("response_0_harm_category", flags), ("response_1_harm_category", flags)),
        *(("response_0_severity_level", INT), ("response_1_severity_level", INT)),
        *(BETTER, SAFER),
        *CHECKSUMS,
    )


def qa_columns(flags: pa.DataType) -> Columns:
    return (
        *QA_TEXTS,
        *(("prompt_source", TEXT), ("response_source", TEXT)),
        *(("is_safe", FLAG), ("severity_level", INT), ("harm_category", flags), ("sha256", TEXT)),
    )


def annotation_columns(flags: pa.DataType) -> Columns:
    return (
        *JUDGED,
        ("annotator", TEXT),
        *(("is_safe", FLAG), ("severity_level", INT), ("harm_category", flags)),
        *(("verdict", TEXT), ("ranks", INTS), ("displayed_order", INTS), ("strength", INT)),
        *(("confidence", INT), ("answered_at", TEXT)),
        *(("taxonomy_version", TEXT), ("guideline_version", INT)),
    )


def consensus_columns(category_names: Sequence[str]) -> Columns:
    of_safety = safety_kind(tuple(category_names))
    return (
        *JUDGED,
        ("n_judgements", INT),
        *(("shares", of_safety), ("posterior", of_safety), ("pairs", PAIRS)),
    )


def yaml_features(schema: pa.Schema, indent: str) -> Iterator[str]:
    """Lines of a card's `features`, as `datasets` reads them."""
    for column in schema:
        yield f"{indent}- name: {column.name}"
        yield from yaml_type(column.type, f"{indent}  ")


def yaml_type(kind: pa.DataType, indent: str) -> Iterator[str]:
    if pa.types.is_struct(kind):
        yield f"{indent}struct:"
        yield from yaml_features(pa.schema(list(kind)), indent)
    elif not pa.types.is_list(kind):
        yield f"{indent}dtype: {yaml_name(kind)}"
    elif pa.types.is_struct(kind.value_type):
        yield f"{indent}list:"
        yield from yaml_features(pa.schema(list(kind.value_type)), indent)
    else:
        yield f"{indent}list: {yaml_name(kind.value_type)}"


def yaml_name(kind: pa.DataType) -> str:
    return "float64" if kind == SHARE else str(kind)
