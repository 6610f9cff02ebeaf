"""The sections of a report's page: what to look at, its plots and its tables. Empty ones are left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from app.agreement.page import annotator_drawings, bias_drawings, drawings
from app.agreement.page.annotators import fits_a_picture, pairs_of_one, with_others
from app.agreement.page.plots.dots import DotPlot
from app.agreement.page.plots.grid import GridPlot
from app.agreement.page.plots.lines import LinePlot
from app.agreement.page.rows import halos, name_of
from app.agreement.page.tables import MADE, MATRIX, MATRIX_TITLE, Table, row_of, table_of
from app.agreement.report.content import Figure, Report
from app.i18n import N_
from app.i18n import gettext as _

Plot: TypeAlias = DotPlot | GridPlot | LinePlot

# Name, which is also that of its CSV and its anchor; title; what to look at and when to worry.
SECTIONS = (
    (
        "figures",
        N_("Agreement by question"),
        N_(
            "Look at the lower end of an interval: worry where it is below 0.667 though prevalence and items "
            "are not small, and where AC1 is low as well."
        ),
    ),
    (
        "severity_by_category",
        N_("Categories and severity"),
        N_("Worry where a category has answers of one severity alone, or hardly any answers at all."),
    ),
    (
        "co_occurrence",
        N_("Categories named together"),
        N_("Worry where two categories are nearly always named together: their definitions may overlap."),
    ),
    (
        "periods",
        N_("Agreement over time"),
        N_("Worry about a fall over several weeks, or after a new version; weeks with few items jump."),
    ),
    (
        "annotators",
        N_("Annotators by twos"),
        N_(
            "Worry about a row of low kappas throughout: who agrees with nobody reads it differently. Choose "
            "an annotator to see each of their pairs."
        ),
    ),
    (
        "confusion",
        N_("What is taken for what"),
        N_(
            "Each pair of answers to one item counts in both orders. Worry where much of a row is off the "
            "diagonal: people mean different things by that value."
        ),
    ),
    (
        "versions",
        N_("Versions of guidelines and taxonomy"),
        N_("Worry where alpha falls with a new version and prevalence does not. Version 0 is none."),
    ),
    (
        "models",
        N_("Consensus models"),
        N_("Worry where a model did not converge, or where its prevalence is far from that of the answers."),
    ),
    (
        "competences",
        N_("Competence"),
        N_(
            "Two simple models of who answers by the truth and who guesses; few answers suffice for them. "
            "Worry about an annotator far below the others by both."
        ),
    ),
    (
        "versus",
        N_("Consensus against labels of files"),
        N_("A file's labels, such as an AI's, may be wrong: worry about a low kappa, then read why."),
    ),
    (
        "orders",
        N_("Orders of the same responses"),
        N_("Worry where tau-b is near 0 while few say tie: the question has no answer people share."),
    ),
    (
        "strengths",
        N_("Strength of the sources"),
        N_(
            "By Bradley and Terry's model with ties. Only sources of one group can be compared, and only "
            "where their intervals are apart."
        ),
    ),
    (
        "position",
        N_("Position bias"),
        N_(
            "How often the response shown first won; a half is expected. One annotator in twenty is outside "
            "by chance: worry where p is below 0.001, or where the whole queue is off."
        ),
    ),
    (
        "halo",
        N_("Halo"),
        N_(
            "Does one preference rub off on the other? Joint mistakes are how much more often than by chance "
            "both depart from the others' at once: worry where an annotator's whole interval is above 0."
        ),
    ),
    (
        "contradictions",
        N_("Contradictions with safety labels"),
        N_(
            "How often a harmlessness order puts a response above one that is safer by its labels. Worry "
            "where an annotator is well above the whole queue."
        ),
    ),
    (
        "near_duplicates",
        N_("Near-duplicates"),
        N_("Items in nearly the same words should get the same label: read the groups below that did not."),
    ),
)
# Tables that stand in another one's section, before it or behind it.
BEFORE = {"annotators": ("annotator_means",)}
BEHIND = {"versus": ("versus_confusion",), "near_duplicates": ("near_duplicate_groups",)}


class Sort(StrEnum):
    TAXONOMY = "taxonomy"
    ALPHA = "alpha"


@dataclass(frozen=True, slots=True)
class Section:
    """`title`, `advice`: in English, marked. `files`: name and title of tables that are only downloaded."""

    name: str
    title: str
    advice: str
    tables: list[Table]
    plots: Sequence[Plot]
    files: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class OneAnnotator:
    """With each other one."""

    id: int
    name: str
    plots: Sequence[DotPlot]
    table: Table


def sections_of(report: Report, names: dict[int, str], sort: Sort) -> list[Section]:
    """In the page's order. `names`: of annotators by id."""
    if sort is Sort.ALPHA:
        report = replace(report, figures=sorted(report.figures, key=_lowest_alpha))
    found = (section_of(name, title, advice, report, names) for name, title, advice in SECTIONS)
    return [section for section in found if section.tables]


def section_of(name: str, title: str, advice: str, report: Report, names: dict[int, str]) -> Section:
    wanted = (*BEFORE.get(name, ()), name, *BEHIND.get(name, ()))
    left_out = () if name != "annotators" or fits_a_picture(report) else (name,)
    made = (table_of(each, report, names) for each in wanted if each not in left_out)
    tables = [table for table in made if table is not None]
    plots = plots_of(name, report, names) if tables else []
    files = [(each, MADE[each].title) for each in left_out]
    if name == "annotators":
        files.append((MATRIX, MATRIX_TITLE))
    return Section(name, title, advice, tables, plots, files)


def one_annotator(report: Report, names: dict[int, str], annotator_id: int) -> OneAnnotator | None:
    """None where they share items with nobody."""
    table = row_of(report, names, annotator_id)
    if not table.rows:
        return None
    pairs = (pairs_of_one(matrix, annotator_id, names) for matrix in report.kappa_matrices)
    plots = [annotator_drawings.row_plot(of_question) for of_question in pairs if of_question]
    return OneAnnotator(annotator_id, name_of(annotator_id, names), plots, table)


def _lowest_alpha(figure: Figure) -> tuple[bool, float]:
    return figure.alpha is None, figure.alpha or 0.0


def plots_of(name: str, report: Report, names: dict[int, str]) -> Sequence[Plot]:
    """Of the section of that name, whose table has rows."""
    match name:
        case "figures":
            return [drawings.figures_plot(report.figures)]
        case "severity_by_category":
            return [drawings.severity_plot(report)]
        case "co_occurrence":
            return [drawings.co_occurrence_plot(report)]
        case "periods":
            return drawings.period_plots(report.periods)
        case "annotators":
            return annotator_plots(report, names)
        case "confusion":
            return drawings.confusion_plots(report.confusions)
        case "versus":
            return drawings.versus_plots(report.versus)
        case "strengths":
            return bias_drawings.strength_plots(report.strengths)
        case "position":
            return bias_drawings.share_plots(report.position, names, _("share, 95 %"), middle=0.5)
        case "halo":
            return [bias_drawings.halo_plot(list(halos(report, names)))]
        case "contradictions":
            return bias_drawings.share_plots(report.contradictions, names, _("share, 95 %"))
    return []


def annotator_plots(report: Report, names: dict[int, str]) -> Sequence[Plot]:
    if fits_a_picture(report):
        return [annotator_drawings.kappa_plot(matrix, names) for matrix in report.kappa_matrices]
    found = (with_others(matrix, names) for matrix in report.kappa_matrices)
    return [annotator_drawings.lowest_plot(of_question) for of_question in found if of_question]
