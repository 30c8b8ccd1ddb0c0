"""A report as one page: figures, charts, tables; no script, nothing fetched, readable on paper. Built as a tree of
elements, so that every name in it is escaped by construction."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from audit.reporting.asking import Report
from audit.reporting.charts import charts
from audit.reporting.summing import Line
from audit.reporting.telling import COLUMNS, both, cell, duration, heading, label, standing, tables, title
from hall.wording import say

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
CARDS = ("tickets", "served", "wait_p50", "wait_p90", "no_shows", "ratings", "satisfied", "idle_s")
STYLE = """
:root { color: #1b1f24; background: #fff; font: 15px/1.5 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif; }
body { max-width: 1380px; margin: 0 auto; padding: 1rem 1.5rem 3rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.25rem; border-bottom: 2px solid #1f5fa8; margin-top: 2.2rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; } p { color: #4a525c; max-width: 70rem; }
.cards { display: flex; flex-wrap: wrap; gap: .8rem; padding: 0; }
.cards div { border: 1px solid #cfd6de; border-radius: 6px; padding: .4rem .9rem; min-width: 7rem; }
.cards dt { color: #4a525c; font-size: .85rem; } .cards dd { margin: 0; font-size: 1.5rem; font-weight: 600; }
.charts { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; } figure { margin: 0; }
figcaption { font-weight: 600; } img { max-width: 100%; height: auto; border: 1px solid #e3e7ec; border-radius: 6px; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .55rem; text-align: right; border-bottom: 1px solid #e3e7ec; white-space: nowrap; }
th:first-child { text-align: left; } thead th { background: #eef2f7; vertical-align: bottom; }
thead small { display: block; font-weight: 400; color: #4a525c; } tbody th { font-weight: 500; }
tbody tr:nth-child(even) { background: #f8fafc; }
.now { color: #8a4b00; font-weight: 600; }
@page { size: A4 landscape; margin: 12mm; }
@media print { body { max-width: none; padding: 0; } h2 { break-before: page; } h2:first-of-type { break-before: auto; }
  h3 { break-after: avoid; } tr, figure { break-inside: avoid; } .wide { overflow: visible; } figure { width: 48%; }
  table { font-size: 10.5px; } th, td { padding: .15rem .35rem; } }
"""


def as_page(report: Report) -> str:
    """The whole page."""
    html = Element("html", lang="zh-CN")
    head, body = SubElement(html, "head"), SubElement(html, "body")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": POLICY})
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    _in(head, "title", title(report))
    _in(head, "style", STYLE)
    _in(body, "h1", title(report))
    _in(body, "p", both("about"))
    for hall in report.sums.halls():
        _hall(body, report, hall)
    return "<!doctype html>\n" + tostring(html, encoding="unicode", method="html") + "\n"


def _in(parent: Element, tag: str, text: str, **more: str) -> Element:
    element = SubElement(parent, tag, more)
    element.text = text
    return element


def _hall(body: Element, report: Report, hall: str) -> None:
    _in(body, "h2", heading(report, hall))
    if now := standing(report, hall):
        _in(body, "p", now, **{"class": "now"})
    _cards(body, report.sums.whole(hall))
    pictures = SubElement(body, "div", {"class": "charts"})
    for picture in charts(report, hall):
        figure = SubElement(pictures, "figure")
        _in(figure, "figcaption", picture.title)
        SubElement(figure, "img", src=picture.source, alt=picture.title)
    for by, lines in tables(report, hall):
        _in(body, "h3", both(f"by.{by}"))
        _table(SubElement(body, "div", {"class": "wide"}), report, lines)


def _cards(body: Element, whole: Line) -> None:
    cards = SubElement(body, "dl", {"class": "cards"})
    for column in CARDS:
        card = SubElement(cards, "div")
        _in(card, "dt", both(f"column.{column}"))
        _in(card, "dd", duration(whole.idle_s) if column == "idle_s" else cell(whole, column))


def _table(parent: Element, report: Report, lines: list[Line]) -> None:
    table = SubElement(parent, "table")
    head = SubElement(SubElement(table, "thead"), "tr")
    SubElement(head, "th")
    for column in COLUMNS:
        _in(_in(head, "th", say(f"report.column.{column}"), scope="col"), "small", say(f"report.column.{column}", "en"))
    rows = SubElement(table, "tbody")
    for line in lines:
        row = SubElement(rows, "tr")
        _in(row, "th", label(report, line), scope="row")
        for column in COLUMNS:
            _in(row, "td", cell(line, column))
