"""The tables of a report's page, each of them a CSV too."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from app.agreement.page import table_columns as columns_of
from app.agreement.page.annotators import annotator_pairs, annotators_in, means_by_question, pairs_of_one
from app.agreement.page.rows import (
    category_pairs,
    competences,
    confusion_cells,
    duplicate_groups,
    halos,
    severities,
    shares,
    strengths,
    versus,
    versus_cells,
)
from app.agreement.page.table_columns import INTERVALS, Column, Kind
from app.agreement.report.content import Report
from app.i18n import N_
from app.web.csv_text import csv_line

Names: TypeAlias = dict[int, str]


@dataclass(frozen=True, slots=True)
class Table:
    """`rows[r][c]` belongs to `columns[c]`."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: list[tuple[Any, ...]]


class Made(NamedTuple):
    """`rows`: of a report, where annotators have these names by id."""

    title: str
    columns: Sequence[Column]
    rows: Callable[[Report, Names], Iterable[Any]]


# In the page's order.
MADE = {
    "figures": Made(N_("Agreement figures"), columns_of.FIGURES, lambda report, _: report.figures),
    "severity_by_category": Made(
        N_("Categories and severity"), columns_of.SEVERITY, lambda report, _: severities(report)
    ),
    "co_occurrence": Made(
        N_("Categories named together"), columns_of.CO_OCCURRENCE, lambda report, _: category_pairs(report)
    ),
    "periods": Made(N_("Agreement by week"), columns_of.PERIODS, lambda report, _: report.periods),
    "annotator_means": Made(N_("Each annotator with all others"), columns_of.WITH_OTHERS, means_by_question),
    "annotators": Made(N_("Annotators by twos"), columns_of.KAPPAS, annotator_pairs),
    "confusion": Made(
        N_("What is taken for what"), columns_of.CONFUSION, lambda report, _: confusion_cells(report)
    ),
    "versions": Made(N_("Versions"), columns_of.VERSIONS, lambda report, _: report.versions),
    "models": Made(N_("Consensus models"), columns_of.MODELS, lambda report, _: report.models),
    "competences": Made(
        N_("Competence"), columns_of.COMPETENCES, lambda report, names: competences(report.competences, names)
    ),
    "versus": Made(N_("Against labels of files"), columns_of.VERSUS, lambda report, _: versus(report)),
    "versus_confusion": Made(
        N_("Consensus and label of the file"),
        columns_of.VERSUS_CELLS,
        lambda report, _: versus_cells(report),
    ),
    "orders": Made(N_("Orders of the same responses"), columns_of.ORDERS, lambda report, _: report.orders),
    "strengths": Made(
        N_("Strength of the sources"), columns_of.STRENGTHS, lambda report, _: strengths(report)
    ),
    "position": Made(
        N_("Position bias"), columns_of.POSITION, lambda report, names: shares(report.position, names)
    ),
    "halo": Made(N_("Halo"), columns_of.HALOS, halos),
    "contradictions": Made(
        N_("Contradictions"),
        columns_of.SHARES,
        lambda report, names: shares(report.contradictions, names),
    ),
    "near_duplicates": Made(
        N_("Near-duplicates"),
        columns_of.NEAR_DUPLICATES,
        lambda report, _: [report.near_duplicates] if report.near_duplicates else [],
    ),
    "near_duplicate_groups": Made(
        N_("Groups whose labels differ"), columns_of.GROUPS, lambda report, _: duplicate_groups(report)
    ),
}
MATRIX = "annotator_matrix"
MATRIX_TITLE = N_("Annotators by twos, as a matrix")


def tables_of(report: Report, names: Names, wanted: Iterable[str] = MADE) -> dict[str, Table]:
    """By name; those of `wanted` that have rows."""
    found = (table_of(name, report, names) for name in wanted)
    return {table.name: table for table in found if table is not None}


def table_of(name: str, report: Report, names: Names) -> Table | None:
    """None where there is none of that name, or it has no rows."""
    if name == MATRIX:
        table = matrix_of(report, names)
    elif name in MADE:
        made = MADE[name]
        table = filled(name, made.title, made.columns, made.rows(report, names))
    else:
        return None
    return table if table.rows else None


def filled(name: str, title: str, columns: Sequence[Column], rows: Iterable[Any]) -> Table:
    return Table(name, title, columns, [tuple(column.value(row) for column in columns) for row in rows])


def matrix_of(report: Report, names: Names) -> Table:
    """A row and a column for each annotator; for files alone."""
    people = annotators_in(report, names)
    heads = [Column(person.name, person.name, Kind.COEFFICIENT) for person in people]
    rows: list[tuple[Any, ...]] = []
    for matrix in report.kappa_matrices:
        place = {annotator_id: row for row, annotator_id in enumerate(matrix.annotator_ids)}
        columns = [place.get(person.id) for person in people]
        for person, row in zip(people, columns, strict=True):
            if row is not None:
                kappas = matrix.kappa[row]
                cells = (None if column is None else kappas[column] for column in columns)
                rows.append((matrix.question, person, *cells))
    return Table(MATRIX, MATRIX_TITLE, (*columns_of.OF_ANNOTATOR, *heads), rows)


def row_of(report: Report, names: Names, annotator_id: int) -> Table:
    """One annotator with each other."""
    rows = [pair for matrix in report.kappa_matrices for pair in pairs_of_one(matrix, annotator_id, names)]
    return filled(f"annotators/{annotator_id}", N_("One annotator with each other"), columns_of.KAPPAS, rows)


def csv_lines(table: Table) -> Iterator[str]:
    """Shares between 0 and 1, nothing where a figure is undefined."""
    yield csv_line([head for column in table.columns for head in column.heads])
    for row in table.rows:
        yield csv_line(
            [cell for column, value in zip(table.columns, row, strict=True) for cell in _cells(column, value)]
        )


def _cells(column: Column, value: Any) -> Sequence[object]:
    if column.kind in INTERVALS:
        return list(value)
    if column.kind in (Kind.LIST, Kind.ITEMS):
        return [" ".join(str(each) for each in value)]
    if column.kind is Kind.ANNOTATOR:
        return [value.name]
    return [("yes" if value else "no") if column.kind is Kind.YES else value]
