"""The sections of a report's page: what to look at, its plots and its tables. Empty ones are left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from app.agreement.page import bias_drawings, drawings
from app.agreement.page.plots.dots import DotPlot
from app.agreement.page.plots.grid import GridPlot
from app.agreement.page.plots.lines import LinePlot
from app.agreement.page.rows import halos
from app.agreement.page.tables import Table, tables_of
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
        N_("Worry about a row of low kappas throughout: who agrees with nobody reads it differently."),
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
# Tables that stand with another one's section.
BESIDE = {"versus": "versus_confusion", "near_duplicates": "near_duplicate_groups"}


class Sort(StrEnum):
    TAXONOMY = "taxonomy"
    ALPHA = "alpha"


@dataclass(frozen=True, slots=True)
class Section:
    """`title`, `advice`: in English, marked."""

    name: str
    title: str
    advice: str
    tables: list[Table]
    plots: Sequence[Plot]


def sections_of(report: Report, names: dict[int, str], sort: Sort) -> list[Section]:
    """In the page's order. `names`: of annotators by id."""
    if sort is Sort.ALPHA:
        report = replace(report, figures=sorted(report.figures, key=_lowest_alpha))
    tables = tables_of(report, names)
    return [
        Section(
            name,
            title,
            advice,
            [tables[each] for each in (name, BESIDE.get(name)) if each in tables],
            plots_of(name, report, names),
        )
        for name, title, advice in SECTIONS
        if name in tables
    ]


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
            return [drawings.kappa_plot(matrix, names) for matrix in report.kappa_matrices]
        case "confusion":
            return drawings.confusion_plots(report.confusions)
        case "versus":
            return drawings.versus_plots(report.versus)
        case "strengths":
            return bias_drawings.strength_plots(report.strengths)
        case "position":
            return bias_drawings.share_plots(report.position, names, _("share, 95 %"), middle=0.5)
        case "halo":
            return [bias_drawings.halo_plot(halos(report, names))]
        case "contradictions":
            return bias_drawings.share_plots(report.contradictions, names, _("share, 95 %"))
    return []
