"""Cells whose colour says a number: a table of values, or the lower triangle of one that is symmetric."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.agreement.page.plots.scale import FONT, SMALL_FONT, Words, bin_of, text_width, widest

HEAD, NO_HEAD, GAP, SWATCH = 26, 4, 12, 16
EMPTY = "empty"
BELOW = "below"


@dataclass(frozen=True, slots=True)
class Value:
    """`share`: what decides the colour, None for an empty cell. `text` and `small` stand in the cell."""

    share: float | None
    text: str = ""
    small: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Bins:
    """`edges`: from which share on each colour but the first holds; `colours`: which of 0 to 6 they are.
    `names`: of the bins in the legend; without them it has none. `has_below`: one below 0 is marked."""

    words: str
    edges: tuple[float, ...]
    names: tuple[str, ...] = ()
    colours: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    has_below: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """`bin`: the name of its colour: "0", "1", ..., "below" or "empty"."""

    x: float
    y: float
    bin: str
    text: str
    small: str
    title: str


@dataclass(frozen=True, slots=True)
class GridPlot:
    kind = "grid"
    title: str
    description: str
    width: float
    height: float
    cell_width: float
    cell_height: float
    cells: list[Cell]
    row_labels: list[Words]
    column_labels: list[Words]
    legend: list[tuple[str, Words]] = field(default_factory=list)
    legend_title: Words | None = None
    swatch_y: float = 0


def grid_plot(
    title: str,
    description: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[Value]],
    bins: Bins,
    *,
    cell: tuple[float, float],
    ends: Sequence[str] = (),
) -> GridPlot:
    """`values[r][c]`. `cell`: width and height. `ends`: words at the end of each row."""
    width, height = cell
    left = widest(rows) + GAP
    cells = [
        _cell(value, left + c * width, HEAD + r * height, bins, cell)
        for r, row in enumerate(values)
        for c, value in enumerate(row)
    ]
    right = left + len(columns) * width
    labels = [Words(left - 8, _line(r, height), name, "end") for r, name in enumerate(rows)]
    labels += [Words(right + 8, _line(r, height), words) for r, words in enumerate(ends)]
    heads = [Words(left + (c + 0.5) * width, HEAD - 9, name, "middle") for c, name in enumerate(columns)]
    plot_width, bottom = right + widest(ends) + GAP, HEAD + len(rows) * height
    made = GridPlot(title, description, plot_width, bottom, width, height, cells, labels, heads)
    return _with_legend(made, bins)


def triangle_plot(
    title: str,
    description: str,
    names: Sequence[str],
    values: Sequence[Sequence[Value]],
    bins: Bins,
    *,
    side: float,
    has_diagonal: bool = False,
) -> GridPlot:
    """`values[r][c]` for c < r, and for c = r where the diagonal says something. Each name stands where its
    row begins, and again at the head of its column, on the diagonal."""
    left = widest(names) + GAP
    cells = [
        _cell(values[r][c], left + c * side, NO_HEAD + r * side, bins, (side, side))
        for r in range(len(names))
        for c in range(r + has_diagonal)
    ]
    rows = [Words(left - 8, _line(r, side, NO_HEAD), name, "end") for r, name in enumerate(names)]
    heads = [
        Words(left + (c + has_diagonal) * side + 6, _line(c, side, NO_HEAD), name)
        for c, name in enumerate(names)
    ]
    right = left + (len(names) + has_diagonal) * side + widest(names) + GAP
    bottom = NO_HEAD + len(names) * side
    made = GridPlot(title, description, right, bottom, side, side, cells, rows, heads)
    return _with_legend(made, bins)


def _line(row: int, height: float, head: float = HEAD) -> float:
    return head + (row + 0.5) * height + 4.5


def _cell(value: Value, x: float, y: float, bins: Bins, cell: tuple[float, float]) -> Cell:
    width, height = cell
    text = value.text if text_width(value.text, SMALL_FONT) + 4 <= width and height >= FONT + 2 else ""
    small = value.small if text and height >= 2 * FONT + 6 else ""
    return Cell(round(x, 1), round(y, 1), _bin(value.share, bins), text, small, value.title)


def _bin(share: float | None, bins: Bins) -> str:
    if share is None:
        return EMPTY
    if bins.has_below and share < 0:
        return BELOW
    return str(bins.colours[bin_of(share, bins.edges)])


def _with_legend(plot: GridPlot, bins: Bins) -> GridPlot:
    """Below the cells: its title, then a swatch and the words of each bin."""
    y = plot.height + 22
    names = [(BELOW, "< 0")] if bins.has_below else []
    names += [(str(colour), name) for colour, name in zip(bins.colours, bins.names, strict=False)]
    x, legend, swatch_y = 6.0, [], y + 10
    for name, words in names:
        legend.append((name, Words(round(x, 1), swatch_y + 12.5, words)))
        x += SWATCH + 6 + text_width(words, SMALL_FONT) + 14
    return replace(
        plot,
        width=round(max(plot.width, x, text_width(bins.words) + GAP), 1),
        height=swatch_y + SWATCH + 6 if bins.names else y + 6,
        legend=legend,
        legend_title=Words(6, y, bins.words),
        swatch_y=swatch_y,
    )
