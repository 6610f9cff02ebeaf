"""What of a report is drawn, in the reader's language. A plot tells nothing that its table does not."""

from collections.abc import Iterable, Sequence
from datetime import date

from app.agreement.page.plots.dots import DotPlot, Heads, Measured, dot_plot
from app.agreement.page.plots.grid import Bins, GridPlot, Value, grid_plot, triangle_plot
from app.agreement.page.plots.lines import LinePlot, Week, line_plot
from app.agreement.page.plots.scale import percent
from app.agreement.page.rows import share_of
from app.agreement.page.words import question_words, value_words
from app.agreement.report.content import Confusion, Figure, Period, Report, Versus
from app.i18n import gettext as _
from app.i18n import readable

# Fewer say little, whatever the interval.
FEW_ITEMS = 30
# What Krippendorff asks of data to rely on, and to draw tentative conclusions from (Content Analysis, 2004).
GUIDES = ((0.667, "0.667"), (0.8, "0.8"))
SHARE_EDGES = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8)
RARE_EDGES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
DASH = "\N{EN DASH}"


def bin_names(edges: Sequence[float], *, as_percent: bool) -> tuple[str, ...]:
    """The first without its lower end, the last without its upper."""
    ends = [f"{edge * 100:g} %" if as_percent else f"{edge:g}" for edge in edges]
    starts = [end.removesuffix(" %") for end in ends]
    middle = [f"{low}{DASH}{high}" for low, high in zip(starts, ends[1:], strict=False)]
    return (f"< {ends[0]}", *middle, f"\N{GREATER-THAN OR EQUAL TO} {ends[-1]}")


def figures_plot(figures: Sequence[Figure]) -> DotPlot:
    return dot_plot(
        _("Alpha, AC1 and prevalence"),
        _("A dot for each question's alpha with its interval, a ring for AC1, a bar for the prevalence."),
        [measured_figure(figure) for figure in figures],
        Heads(_("alpha, 95 %"), _("AC1"), _("prevalence"), _("items")),
        guides=GUIDES,
        axis_width=400,
    )


def measured_figure(figure: Figure) -> Measured:
    return Measured(
        label=question_words(figure.question),
        value=figure.alpha,
        lower=figure.alpha_lower,
        upper=figure.alpha_upper,
        second=figure.ac1 if figure.alpha is not None else None,
        share=figure.prevalence,
        n=f"{figure.n_items:,}",
        note=note_on(figure),
        title=spoken(figure.alpha, figure.alpha_lower, figure.alpha_upper),
        is_faint=figure.n_items < FEW_ITEMS,
    )


def note_on(figure: Figure) -> str:
    if figure.alpha is None and figure.n_items:
        return _("not defined: every answer is the same")
    if figure.alpha is None:
        return _("not defined: no item has two answers")
    return _("fewer than %(n)s items") % {"n": FEW_ITEMS} if figure.n_items < FEW_ITEMS else ""


def spoken(value: float | None, lower: float | None, upper: float | None) -> str:
    if value is None:
        return _("not defined")
    return f"{value:.3f}" if lower is None or upper is None else f"{value:.3f} [{lower:.3f}, {upper:.3f}]"


def severity_plot(report: Report) -> GridPlot:
    counts = report.severity_by_category or []
    columns = [_("Minor"), _("Moderate"), _("Severe")]
    names = [readable(name) for name in report.categories]
    return grid_plot(
        _("Severity of each category's answers"),
        _("A row a category, a column a severity; the stronger the colour, the more of its answers say so."),
        names,
        columns,
        [
            [share_cell(n, sum(row), f"{name}, {column}") for n, column in zip(row, columns, strict=False)]
            for name, row in zip(names, counts, strict=False)
        ],
        Bins(_("Share of the category's answers"), SHARE_EDGES, bin_names(SHARE_EDGES, as_percent=True)),
        cell=(116, 26),
        ends=[f"{sum(row):,}" for row in counts],
    )


def share_cell(n: int, total: int, of: str) -> Value:
    share = share_of(n, total)
    if share is None:
        return Value(None, title=f"{of}: 0")
    return Value(share, f"{n:,} · {percent(share, 0)}", title=f"{of}: {n:,}, {percent(share)}")


def co_occurrence_plot(report: Report) -> GridPlot:
    counts = report.co_occurrence or []
    names = [readable(name) for name in report.categories]
    return triangle_plot(
        _("Categories named together"),
        _("A cell for each two categories; the stronger the colour, the more often they are named together."),
        names,
        [[pair_cell(counts, r, c, f"{names[r]}, {names[c]}") for c in range(r)] for r in range(len(counts))],
        Bins(
            _("Share of the answers with either that have both"),
            RARE_EDGES,
            bin_names(RARE_EDGES, as_percent=True),
        ),
        side=36,
    )


def pair_cell(counts: Sequence[Sequence[int]], r: int, c: int, of: str) -> Value:
    both = counts[r][c]
    either = counts[r][r] + counts[c][c] - both
    if not either:
        return Value(None, title=f"{of}: 0")
    return Value(both / either, f"{both:,}", title=f"{of}: {both:,}, {percent(both / either)}")


def period_plots(periods: Sequence[Period]) -> list[LinePlot]:
    """One a question, in their order."""
    by_question: dict[str, list[Period]] = {}
    for period in periods:
        by_question.setdefault(period.question, []).append(period)
    return [
        line_plot(
            question_words(question),
            _("A dot for each week's alpha; below it a bar for the number of items."),
            [week_of(period) for period in sorted(found, key=lambda period: period.start)],
            _("items"),
        )
        for question, found in by_question.items()
    ]


def week_of(period: Period) -> Week:
    title = _("Week from %(day)s: alpha %(alpha)s, items %(n)s") % {
        "day": period.start,
        "alpha": spoken(period.alpha, None, None),
        "n": f"{period.n_items:,}",
    }
    is_faint = period.n_items < FEW_ITEMS
    return Week(date.fromisoformat(period.start), period.alpha, period.n_items, title, is_faint)


def confusion_plots(confusions: Iterable[Confusion]) -> list[GridPlot]:
    return [
        confusion_plot(question_words(each.question), each.values, each.n, _("Share of the row"))
        for each in confusions
    ]


def versus_plots(found: Sequence[Versus]) -> list[GridPlot]:
    """Two files may have the same name, and two plots may not."""
    titles = [f"{question_words(each.question)}, {each.source}" for each in found]
    return [
        confusion_plot(
            title if titles.count(title) == 1 else f"{title} ({titles[:place].count(title) + 1})",
            each.values,
            each.n,
            _("Share of the row (rows: consensus, columns: the file)"),
        )
        for place, (title, each) in enumerate(zip(titles, found, strict=True))
    ]


def confusion_plot(
    title: str, values: Sequence[str], counts: Sequence[Sequence[int]], words: str
) -> GridPlot:
    names = [value_words(value) for value in values]
    cells = [
        [confusion_cell(n, sum(row), f"{name} / {other}") for n, other in zip(row, names, strict=False)]
        for row, name in zip(counts, names, strict=False)
    ]
    return grid_plot(
        title,
        _("A row for what one says, a column for the other; the stronger the colour, the more often."),
        names,
        names,
        cells,
        Bins(words, SHARE_EDGES),
        cell=(72, 38),
    )


def confusion_cell(n: int, total: int, of: str) -> Value:
    share = share_of(n, total)
    if share is None:
        return Value(None, title=f"{of}: 0")
    return Value(share, percent(share, 0), f"{n:,}", f"{of}: {n:,}, {percent(share)}")
