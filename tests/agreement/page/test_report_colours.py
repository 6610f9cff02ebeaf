"""The colours of cells: told apart by lightness alone, and legible in both themes."""

import re
from itertools import pairwise

import pytest

from app.web.templates import STATIC

NAMES = ("0", "1", "2", "3", "4", "5", "6", "below")
LEGIBLE = 4.5
"""The contrast that WCAG asks of small text at level AA."""


def colours(prefix: str, theme: int) -> list[str]:
    """Of each name; `theme`: 0 light, 1 dark."""
    css = (STATIC / "report.css").read_text(encoding="utf-8")
    found = dict(re.findall(rf"--{prefix}-(\w+): (light-dark\([^)]*\))", css))
    return [re.findall("#[0-9a-f]{6}", found[name])[theme] for name in NAMES]


def luminance(colour: str) -> float:
    """Relative, 0 to 1 (WCAG 2.2)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1])
def test_text_on_every_colour_is_legible(theme: int) -> None:
    for ground, ink in zip(colours("bin", theme), colours("on", theme), strict=True):
        darker, lighter = sorted((luminance(ground), luminance(ink)))
        assert (lighter + 0.05) / (darker + 0.05) >= LEGIBLE, (ground, ink)


@pytest.mark.parametrize("theme", [0, 1])
def test_the_scale_goes_one_way(theme: int) -> None:
    shades = [luminance(colour) for colour in colours("bin", theme)[:7]]
    assert shades == sorted(shades, reverse=theme == 0)
    assert all((max(pair) + 0.05) / (min(pair) + 0.05) > 1.1 for pair in pairwise(shades))
