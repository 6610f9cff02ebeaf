"""The long format: what single annotators said, a row each, and how the answers to an item are spread."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from app.agreement.report.answers import (
    FIRST,
    N_PREFERENCES,
    N_SEVERITIES,
    SECOND,
    TIE,
    pairs_in_order,
    preferred,
)
from app.releases.rows.fields import (
    FLAG,
    INT,
    INTS,
    JSON,
    SHARE,
    SHARED,
    SHARES,
    TEXT,
    TEXTS,
    Fields,
    Kinds,
    Told,
    flags_kind,
    flags_of,
    key_of,
    of_rows,
    plain_texts,
    repeated,
    told,
    values_of,
)
from app.releases.rows.judgements import DECIMALS, JudgedItem, Judgement, Said, item_key

VALUES = ("first", "second", "tie")
NO_CHANCES: dict[str, object] = {f"{value}_posterior": None for value in VALUES}
VERSIONS = {"taxonomy_version": TEXT, "guideline_version": INT}
PAIRS = pa.list_(
    pa.struct(
        [
            *(("first", INT), ("second", INT)),
            *((f"{value}_share", SHARE) for value in VALUES),
            *((f"{value}_posterior", SHARE) for value in VALUES),
        ]
    )
)

Labels = tuple[tuple[int, frozenset[str]], ...]
"""The severity and the categories of each judgement of an item."""


def item_fields(items: Sequence[JudgedItem]) -> Fields:
    """The beginning of all rows of these items."""
    key = plain_texts("item", [item_key(item.responses) for item in items])
    lists = ['","'.join(item.responses) for item in items]
    column = pa.array([item.responses for item in items], TEXTS)
    responses = (key_of("responses"), b'["', pa.array(lists, pa.binary()).cast(JSON), b'"]')
    dimension = values_of({"dimension": TEXT}, [(item.dimension,) for item in items])
    json = (*key.json, b",", *responses, b",", *dimension.json)
    return Fields(json, (*key.columns, column, *dimension.columns))


def annotation_rows(
    items: Fields, places: Sequence[int], answers: Sequence[Judgement], category_names: tuple[str, ...]
) -> tuple[Fields, ...]:
    """`items`: as by `item_fields`; `places`: of each answer that of its item."""
    said = [answer.said for answer in answers]
    return (
        items.at(pa.array(places, pa.int32())),
        values_of({"annotator": TEXT}, [(answer.annotator,) for answer in answers]),
        repeated(said, lambda one: answer_told(one, category_names), answer_kinds(category_names)),
        plain_texts("answered_at", [answer.answered_at for answer in answers]),
        repeated(said, versions_told, VERSIONS),
    )


def answer_kinds(category_names: tuple[str, ...]) -> Kinds:
    label = {"is_safe": FLAG, "severity_level": INT, "harm_category": flags_kind(category_names)}
    ranking = {"verdict": TEXT, "ranks": INTS, "displayed_order": INTS, "strength": INT}
    return label | ranking | {"confidence": INT}


@lru_cache(maxsize=SHARED)
def answer_told(said: Said, category_names: tuple[str, ...]) -> Told:
    ticked = said.harm_categories
    return told(
        {
            "is_safe": said.is_safe,
            "severity_level": said.severity,
            "harm_category": None if ticked is None else flags_of(ticked, category_names),
            "verdict": said.verdict,
            "ranks": said.ranks,
            "displayed_order": said.displayed_order,
            "strength": said.strength,
            "confidence": said.confidence,
        }
    )


@lru_cache(maxsize=SHARED)
def versions_told(said: Said) -> Told:
    return told({name: getattr(said, name) for name in VERSIONS})


def consensus_rows(
    items: Fields,
    judged: Sequence[JudgedItem],
    good: Sequence[Sequence[Judgement]],
    category_names: tuple[str, ...],
) -> tuple[Fields, ...]:
    """`items`: as by `item_fields`; `good`: of each of them one or more, all of them good."""
    labels = [None if judgements[0].said.ranks is not None else labels_of(judgements) for judgements in good]
    pairs = [
        None if of_safety is not None else pair_shares(item, judgements)
        for item, judgements, of_safety in zip(judged, good, labels, strict=True)
    ]
    return (
        items,
        values_of({"n_judgements": INT}, [(len(judgements),) for judgements in good]),
        repeated(
            labels,
            lambda key: shares_told(key, category_names),
            {"shares": safety_kind(category_names)},
        ),
        posterior_fields(
            [
                None if of_safety is None else item.posterior
                for item, of_safety in zip(judged, labels, strict=True)
            ],
            category_names,
        ),
        of_rows([told({"pairs": of_item}) for of_item in pairs], {"pairs": PAIRS}),
    )


@lru_cache
def safety_kind(category_names: tuple[str, ...]) -> pa.DataType:
    by_category = pa.struct([(category, SHARE) for category in category_names])
    return pa.struct([("unsafe", SHARE), ("severity", SHARES), ("harm_category", by_category)])


def labels_of(judgements: Sequence[Judgement]) -> Labels:
    return tuple([(each.said.severity or 0, each.said.harm_categories or frozenset()) for each in judgements])


@lru_cache(maxsize=SHARED)
def shares_told(said: Labels | None, category_names: tuple[str, ...]) -> Told:
    return told({"shares": None if said is None else shares_of(said, category_names)})


def shares_of(said: Labels, category_names: tuple[str, ...]) -> dict[str, object]:
    ticked = Counter(name for _, names in said for name in names)
    severities = [severity for severity, _ in said]
    return {
        "unsafe": share_of([severity > 0 for severity in severities]),
        "severity": [
            share_of([severity == level for severity in severities]) for level in range(N_SEVERITIES)
        ],
        "harm_category": {name: share_of_number(ticked[name], len(said)) for name in category_names},
    }


def posterior_fields(posteriors: Sequence[Sequence[float] | None], category_names: tuple[str, ...]) -> Fields:
    """Of safety. None too where it was made for another taxonomy."""
    n_chances = 1 + N_SEVERITIES + len(category_names)
    has_none = [posterior is None or len(posterior) != n_chances for posterior in posteriors]
    nothing = (0.0,) * n_chances
    given = [nothing if no else posterior for no, posterior in zip(has_none, posteriors, strict=True)]
    chances = rounded(np.array(given, np.float64))
    rows = [
        None if no else posterior_of(row, category_names)
        for no, row in zip(has_none, chances.tolist(), strict=True)
    ]
    unsafe, severity, *categories = safety_kind(category_names)
    by_category = pa.StructArray.from_arrays(
        [pa.array(column) for column in chances[:, 1 + N_SEVERITIES :].T], fields=list(categories[0].type)
    )
    ends = pa.array(np.arange(len(rows) + 1, dtype=np.int32) * N_SEVERITIES)
    of_severity = pa.ListArray.from_arrays(ends, pa.array(chances[:, 1 : 1 + N_SEVERITIES].ravel()))
    column = pa.StructArray.from_arrays(
        [pa.array(chances[:, 0]), of_severity, by_category],
        fields=[unsafe, severity, *categories],
        mask=pa.array(has_none),
    )
    return Fields((pa.array([told({"posterior": row}).json for row in rows], JSON),), (column,))


def posterior_of(chances: Sequence[float], category_names: tuple[str, ...]) -> dict[str, object]:
    return {
        "unsafe": chances[0],
        "severity": chances[1 : 1 + N_SEVERITIES],
        "harm_category": dict(zip(category_names, chances[1 + N_SEVERITIES :], strict=True)),
    }


def rounded(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 0 to 1, each to the last bit as Python's `round` has it, to DECIMALS."""
    scale = 10**DECIMALS
    scaled = chances * scale
    nearest = np.rint(scaled)
    found: NDArray[np.float64] = nearest / scale
    # Half-way between two, where multiplying may have decided.
    for place in zip(*np.nonzero(np.abs(np.abs(scaled - nearest) - 0.5) < 1e-6), strict=True):
        found[place] = round(float(chances[place]), DECIMALS)
    return found


def pair_shares(item: JudgedItem, judgements: Sequence[Judgement]) -> list[dict[str, object]]:
    """Every two responses of the item: who prefers which, and what the model makes of it."""
    votes = vote_shares(tuple([each.said.ranks or () for each in judgements]), len(item.responses))
    chances = item.posterior
    if chances is None or len(chances) != N_PREFERENCES * len(votes):
        return [of_pair | NO_CHANCES for of_pair in votes]
    return [
        of_pair
        | {
            name: round(chances[N_PREFERENCES * place + value], DECIMALS)
            for name, value in zip(NO_CHANCES, (FIRST, SECOND, TIE), strict=True)
        }
        for place, of_pair in enumerate(votes)
    ]


@lru_cache(maxsize=SHARED)
def vote_shares(orders: tuple[tuple[int, ...], ...], n_responses: int) -> list[dict[str, object]]:
    """Of each pair. `orders`: the ranks that each annotator gave."""
    found: list[dict[str, object]] = []
    for one, other in pairs_in_order(n_responses):
        said = [preferred(ranks[one], ranks[other]) for ranks in orders if ranks]
        shares = {
            f"{name}_share": share_of([preference == value for preference in said])
            for name, value in zip(VALUES, (FIRST, SECOND, TIE), strict=True)
        }
        found.append({"first": one, "second": other, **shares})
    return found


def share_of(flags: Sequence[bool]) -> float:
    return share_of_number(sum(flags), len(flags))


def share_of_number(n: int, n_all: int) -> float:
    return round(n / n_all, DECIMALS)
