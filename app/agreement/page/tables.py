"""The tables of a report's page, each of them a CSV too."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.agreement.page import table_columns as columns_of
from app.agreement.page.rows import (
    annotator_pairs,
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


@dataclass(frozen=True, slots=True)
class Table:
    """`rows[r][c]` belongs to `columns[c]`."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: list[tuple[Any, ...]]


def tables_of(report: Report, names: dict[int, str]) -> dict[str, Table]:
    """By name; those that have rows. `names`: of annotators by id."""
    found = (
        _table("figures", N_("Agreement figures"), columns_of.FIGURES, report.figures),
        _table(
            "severity_by_category", N_("Categories and severity"), columns_of.SEVERITY, severities(report)
        ),
        _table(
            "co_occurrence", N_("Categories named together"), columns_of.CO_OCCURRENCE, category_pairs(report)
        ),
        _table("periods", N_("Agreement by week"), columns_of.PERIODS, report.periods),
        _table("annotators", N_("Annotators by twos"), columns_of.KAPPAS, annotator_pairs(report, names)),
        _table("confusion", N_("What is taken for what"), columns_of.CONFUSION, confusion_cells(report)),
        _table("versions", N_("Versions"), columns_of.VERSIONS, report.versions),
        _table("models", N_("Consensus models"), columns_of.MODELS, report.models),
        _table(
            "competences", N_("Competence"), columns_of.COMPETENCES, competences(report.competences, names)
        ),
        _table("versus", N_("Against labels of files"), columns_of.VERSUS, versus(report)),
        _table(
            "versus_confusion",
            N_("Consensus and label of the file"),
            columns_of.VERSUS_CELLS,
            versus_cells(report),
        ),
        _table("orders", N_("Orders of the same responses"), columns_of.ORDERS, report.orders),
        _table("strengths", N_("Strength of the sources"), columns_of.STRENGTHS, strengths(report)),
        _table("position", N_("Position bias"), columns_of.POSITION, shares(report.position, names)),
        _table("halo", N_("Halo"), columns_of.HALOS, halos(report, names)),
        _table(
            "contradictions", N_("Contradictions"), columns_of.SHARES, shares(report.contradictions, names)
        ),
        _table(
            "near_duplicates",
            N_("Near-duplicates"),
            columns_of.NEAR_DUPLICATES,
            [report.near_duplicates] if report.near_duplicates else [],
        ),
        _table(
            "near_duplicate_groups",
            N_("Groups whose labels differ"),
            columns_of.GROUPS,
            duplicate_groups(report),
        ),
    )
    return {table.name: table for table in found if table.rows}


def _table(name: str, title: str, columns: Sequence[Column], rows: Iterable[Any]) -> Table:
    return Table(name, title, columns, [tuple(column.value(row) for column in columns) for row in rows])


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
    return [("yes" if value else "no") if column.kind is Kind.YES else value]
