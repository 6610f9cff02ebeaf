"""Where plots put what they show."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from app.agreement.page.plots.bars import bar_plot
from app.agreement.page.plots.dots import Heads, Measured, dot_plot
from app.agreement.page.plots.grid import Bins, Value, grid_plot, triangle_plot
from app.agreement.page.plots.lines import Week, line_plot
from app.agreement.page.plots.scale import Scale, axis_over, bin_of, percent, text_width

BINS = Bins("Share", (0.2, 0.4), ("low", "middle", "high"), (0, 3, 6), has_below=True)
MONDAY = date(2026, 5, 4)


def test_a_scale_maps_its_ends_and_keeps_what_is_beyond() -> None:
    scale = Scale(-1, 1, 100, 300)
    assert [scale(value) for value in (-1, 0, 1, 5, -5)] == [100, 200, 300, 300, 100]


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.3, None], [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ([-0.13, 0.9], [-0.2, 0, 0.2, 0.4, 0.6, 0.8, 1]),
        ([3.2], [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]),
        ([], [0, 0.2, 0.4, 0.6, 0.8, 1]),
    ],
)
def test_an_axis_covers_all_values_in_round_steps(values: list[float | None], ticks: list[float]) -> None:
    axis = axis_over(values, low=0, high=1)
    assert axis.ticks == ticks
    assert (axis.low, axis.high) == (ticks[0], ticks[-1])


def test_an_axis_without_extent_gets_one() -> None:
    axis = axis_over([0.0], low=0, high=0)
    assert axis.low < axis.high


@pytest.mark.parametrize(("value", "place"), [(-1, 0), (0.19, 0), (0.2, 1), (0.4, 2), (1, 2)])
def test_a_bin_begins_at_its_edge(value: float, place: int) -> None:
    assert bin_of(value, (0.2, 0.4)) == place


def test_wide_characters_take_more_room() -> None:
    assert text_width("暴力", 10) == 20 > text_width("ab", 10)


def test_a_share_below_zero_has_a_minus_sign() -> None:
    assert (percent(-0.031), percent(0.5, 0)) == ("\N{MINUS SIGN}3.1 %", "50 %")
    assert percent(-0.0001) == "0.0 %"


def test_dots_whiskers_and_bars_stand_where_their_values_are() -> None:
    rows = [Measured("a", 0.5, 0.25, 0.75, second=1.0, share=0.5, n="90"), Measured("b", None, note="none")]
    plot = dot_plot("t", "d", rows, Heads("alpha", "AC1", "prevalence", "items"), guides=[(0.8, "0.8")])
    left, right = plot.ticks[0].x, plot.ticks[-1].x
    first, second = plot.rows
    assert first.dot == (left + right) / 2
    assert first.whisker == pytest.approx((left + (right - left) / 4, left + 3 * (right - left) / 4))
    assert (first.second, first.bar) == (right, plot.whole_bar / 2)
    assert plot.guides[0].x == pytest.approx(left + 0.8 * (right - left), abs=0.1)
    assert (second.dot, second.whisker, second.bar) == (None, None, None)
    assert second.note is not None
    assert second.note.x > left
    assert first.y < second.y < plot.axis_bottom < plot.height


def test_numbers_below_an_axis_do_not_touch() -> None:
    plot = dot_plot("t", "d", [Measured("a", 0.5, -0.8, 0.8)], Heads("strength"), low=-0.8, high=0.8)
    for number, following in pairwise(plot.ticks):
        assert following.x - number.x > text_width(number.text)


def test_rows_that_tell_little_do_not_stretch_the_axis() -> None:
    faint = Measured("few", 0.1, -3.0, 1.0, is_faint=True)
    plot = dot_plot("t", "d", [Measured("many", 0.5, 0.4, 0.6), faint], Heads("alpha"))
    assert plot.ticks[0].text == "0"
    assert plot.rows[1].whisker is not None
    assert plot.rows[1].whisker[0] == plot.ticks[0].x
    alone = dot_plot("t", "d", [faint], Heads("alpha"))
    assert alone.ticks[0].text == "\N{MINUS SIGN}3"


@pytest.mark.parametrize(
    ("values", "ticks"), [([0.0, 0.0], ["0", "0.5", "1"]), ([0.0, 0.015], ["0", "0.01", "0.02"])]
)
def test_days_without_any_hours_have_an_axis_from_0_to_1(values: list[float], ticks: list[str]) -> None:
    monday = date(2026, 3, 2)
    days = [(monday + timedelta(days=n), value, f"{value:.2f}") for n, value in enumerate(values)]
    assert [tick.text for tick in bar_plot("Hours", "By day", days).ticks] == ticks


def test_a_grid_has_a_cell_for_each_value_in_its_colour() -> None:
    values = [[Value(0.1, "1"), Value(0.3, "2"), Value(0.9, "3")], [Value(-0.1), Value(None), Value(0.2)]]
    plot = grid_plot("t", "d", ["a", "b"], ["x", "y", "z"], values, BINS, cell=(40, 20))
    assert [cell.bin for cell in plot.cells] == ["0", "3", "6", "below", "empty", "3"]
    assert plot.cells[1].x - plot.cells[0].x == pytest.approx(40)
    assert plot.cells[3].y - plot.cells[0].y == 20
    assert [name for name, _ in plot.legend] == ["below", "0", "3", "6"]
    assert all(cell.x + 40 <= plot.width and cell.y + 20 <= plot.height for cell in plot.cells)


def test_what_does_not_fit_into_a_cell_is_left_to_its_title() -> None:
    values = [[Value(0.5, "1,234,567", title="a, x: 1,234,567"), Value(0.5, "7")]]
    wide, narrow = grid_plot("t", "d", ["a"], ["x", "y"], values, BINS, cell=(30, 20)).cells
    assert (wide.text, wide.title, narrow.text) == ("", "a, x: 1,234,567", "7")


def test_a_triangle_leaves_out_what_it_would_say_twice() -> None:
    values = [[Value(0.5)] * 3] * 3
    assert len(triangle_plot("t", "d", ["a", "b", "c"], values, BINS, side=30).cells) == 3
    whole = triangle_plot("t", "d", ["a", "b", "c"], values, BINS, side=30, has_diagonal=True)
    assert len(whole.cells) == 6
    assert triangle_plot("t", "d", [], [], BINS, side=30).cells == []


def test_a_line_is_broken_where_a_week_is_missing_or_undefined() -> None:
    alphas = {0: 0.5, 1: 0.6, 3: 0.7, 4: None, 5: 0.8}
    weeks = [
        Week(MONDAY + timedelta(weeks=week), alpha, 10 * (week + 1), "") for week, alpha in alphas.items()
    ]
    plot = line_plot("t", "d", weeks, "items")
    assert [len(line) for line in plot.lines] == [2, 1, 1]
    assert len(plot.bars) == 5
    assert plot.lines[0][1].y < plot.lines[0][0].y
    heights = [bar.height for bar in plot.bars]
    assert heights == sorted(heights)
    assert all(bar.y + bar.height == pytest.approx(plot.bar_base, abs=0.2) for bar in plot.bars)


def test_one_week_alone_can_be_drawn() -> None:
    plot = line_plot("t", "d", [Week(MONDAY, None, 0, "")], "items")
    assert (plot.lines, len(plot.bars), len(plot.x_ticks)) == ([], 1, 1)
