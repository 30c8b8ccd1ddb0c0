"""Charts of a report as SVG pictures inside the page: drawn here by pygal, so that the page needs no script, no network
(docs/decisions/0013-charts.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pygal
from pygal.style import Style

from audit.reporting.asking import Report
from audit.reporting.summing import Line
from audit.reporting.telling import both
from hall.wording import inert, say

CSS = [
    "file://style.css",
    "file://graph.css",
    "inline:text.value { paint-order: stroke; stroke: white !important; stroke-width: 3px; }",
]
MOST = 12  # bars of one chart: more cannot be told apart on paper
NAME_MAX = 12  # characters of a name beside a bar
COLOURS = ("#1f5fa8", "#d9822b", "#3d8f5f")  # told apart in grey print too
FONT = "'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
STYLE = Style(
    background="white", plot_background="white", foreground="#333333", foreground_strong="#111111",
    foreground_subtle="#888888", colors=COLOURS, font_family=FONT, label_font_size=13, major_label_font_size=13,
    legend_font_size=14, guide_stroke_color="#dde2e8", major_guide_stroke_color="#c3cad3", guide_stroke_dasharray="0",
    major_guide_stroke_dasharray="0", value_font_size=12, value_colors=("#111111",) * len(COLOURS), opacity="1",
)  # fmt: skip
WIDTH, HEIGHT, ROW, MARGIN = 640, 320, 34, 12  # pixels; a lying chart grows with its rows


class Picture(NamedTuple):
    title: str
    source: str  # a data: address


def charts(report: Report, hall: str) -> Iterator[Picture]:
    """The pictures of a hall; one with nothing in it is left out."""
    hours, queues, windows = (report.sums.lines(hall, by) for by in ("hour", "queue", "window"))
    if hours:
        yield _standing("chart_hours", hours, ("tickets", "served"))
    if any(line.waits for line in hours):
        yield _standing("chart_waits", [line for line in hours if line.waits], ("wait_p50", "wait_p90"))
    longest = sorted((line for line in queues if line.waits), key=lambda line: -(line.wait_p90 or 0))
    if longest:
        yield _lying("chart_queues", report, longest, ("wait_p50", "wait_p90"))
    levels = report.sums.levels(hall)
    if any(levels.values()):
        yield _levels(levels)
    idle = sorted((line for line in windows if line.idle_s), key=lambda line: -line.idle_s)
    if idle:
        yield _lying("chart_idle", report, idle, ("idle_s",))


def _standing(key: str, lines: list[Line], columns: tuple[str, ...]) -> Picture:
    """A bar per hour and figure."""
    chart = pygal.Bar(**_usual(HEIGHT), show_legend=True, legend_at_bottom=True)
    chart.x_labels = [f"{line.key}:00" for line in lines]
    return _drawn(chart, key, lines, columns)


def _lying(key: str, report: Report, lines: list[Line], columns: tuple[str, ...]) -> Picture:
    """A bar per name and figure, the longest on top."""
    lines = lines[:MOST][::-1]
    chart = pygal.HorizontalBar(**_usual(110 + ROW * len(lines)), show_legend=len(columns) > 1, legend_at_bottom=True)
    chart.x_labels = [
        (report.name(line.hall, line.by, line.key)[0] if line.by == "queue" else line.key) for line in lines
    ]
    chart.margin_left = _room(chart.x_labels)
    return _drawn(chart, key, lines, columns)


def _levels(levels: dict[int, int]) -> Picture:
    chart = pygal.HorizontalBar(**_usual(90 + ROW * len(levels)), show_legend=False)
    given = list(levels.items())[::-1]
    chart.x_labels = [say(f"report.level_{level}") for level, _ in given]
    chart.margin_left = _room(chart.x_labels)
    chart.add("", [count for _, count in given])
    return Picture(both("chart_levels"), chart.render_data_uri())


def _room(names: list[str]) -> int:
    """pygal reckons with Latin letters; Chinese ones are wider."""
    return MARGIN + 7 * max(sum(ord(char) > 0x2E7F for char in name) for name in names)


def _usual(height: int) -> dict[str, Any]:
    return {
        "js": [], "css": CSS, "style": STYLE, "width": WIDTH, "height": height, "margin": MARGIN, "print_values": True,
        "print_values_position": "top", "truncate_label": -1, "explicit_size": True, "min_scale": 2, "order_min": 0,
        "value_formatter": _figure,
    }  # fmt: skip


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}".removesuffix(".0")


def _drawn(chart: Any, key: str, lines: list[Line], columns: tuple[str, ...]) -> Picture:
    for column in columns:
        name = f"{say(f'report.column.{column}')} {say(f'report.column.{column}', 'en')}"
        chart.add(inert(name), [_value(line, column) for line in lines])
    return Picture(both(key), chart.render_data_uri())


def _value(line: Line, column: str) -> float:
    """Counts as they are, seconds in minutes."""
    value = getattr(line, column) or 0
    return value if column in ("tickets", "served") else round(value / 60, 1)
