"""`hall report`: its figures are those of the judge and of a plain count; what leaves it is safe to open anywhere."""

from __future__ import annotations

import csv
import io
import math
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import msgspec
import pytest
from browsers import a_browser, a_page
from plans import a_plan, queue, window
from playing import Play
from storms import Storm
from written import altered, helping, opened_up, written

from audit.journals import NotTold
from audit.reporting.asking import Report, asked_days, gathered
from audit.reporting.happening import Span
from audit.reporting.page import as_page
from audit.reporting.summing import Line
from audit.reporting.telling import as_csv, as_text, harmless
from audit.verifying.judging import Judged, verify
from controller.core import HallState, evolve
from hall import commands as c
from hall import events as e
from hall.calendar import local
from hall.names import Level

ROOT = Path(__file__).parents[2]
EVER = Span("0001-01-01", "")
A4_LANDSCAPE = (1032, 702)  # pixels between the margins
SAME = {
    "tickets": "tickets", "calls": "calls", "waits": "first_calls", "served": "served", "no_shows": "no_shows",
    "transfers": "transfers", "wrong_numbers": "wrong_numbers", "ratings": "rated",
}  # fmt: skip


def reported(log: list[e.Recorded], var: Path, span: Span | None = EVER) -> Report:
    written(log, var)
    return gathered(var, "", span)


def two_days() -> Play:
    """A quiet Monday and Tuesday with a little of everything."""
    play = Play(helping())
    play.issue("now", count=3)
    play.issue("tax")
    play.serve("A01", seconds=120)
    play.send(c.RateService("A01", Level.VERY_DISSATISFIED))
    play.call("A02")
    play >> c.StartService("A02") >> c.ServeHere("A02", "post") >> c.TransferTicket(window="A02", to_queue="tax")
    play.call("A01")
    play.at(seconds=30) >> c.Recall("A01")
    play.at(seconds=30) >> c.MarkNoShow("A01")
    play.at(minutes=24 * 60).settle()
    play.issue("now", count=2)
    play.serve("A01", seconds=60)
    return play


# -- the figures ---------------------------------------------------------------------------------------------------


def _agree(line: Line, sums: Counter[str], kinds: dict[str, str]) -> None:
    told = {name: getattr(line, name) for name in kinds}
    assert told == {name: sums[kind] for name, kind in kinds.items()}, line
    if line.waits:
        assert line.wait_mean == round(sums["waited_s"] / sums["first_calls"])
    if line.served:
        assert line.service_mean == round(sums["service_s"] / sums["served"])


def _all_agree(report: Report, judged: Judged) -> None:
    """Hall, days, queues and windows: the two readers of a journal come to the same."""
    counts, sums = judged.books.counts, report.sums
    _agree(sums.whole("A"), counts.total(), SAME)
    for line in sums.lines("A", "day"):
        _agree(line, counts.days[line.key], SAME)
    for by, keyed in (("queue", counts.queues), ("window", counts.windows)):
        totals: dict[str, Counter[str]] = {}
        for (_, key), of in keyed.items():
            totals.setdefault(key, Counter()).update(of)
        kinds = {n: k for n, k in SAME.items() if by == "queue" or n != "tickets"}
        lines = {line.key: line for line in sums.lines("A", by)}
        assert {key for key, of in totals.items() if any(of[k] for k in kinds.values())} <= lines.keys()
        for key, line in lines.items():
            _agree(line, totals.get(key, Counter()), kinds)


@pytest.mark.parametrize("seed", range(300, 306))
def test_the_report_and_the_judge_come_to_the_same(seed: int, tmp_path: Path) -> None:
    storm = Storm(seed)
    storm.blow(700)
    report = reported(storm.play.log, tmp_path)
    [judged] = verify([tmp_path / "journal" / "test-A.db"], [])
    assert judged.books.counts.total()["calls"] > 20
    _all_agree(report, judged)


def test_percentiles_are_waits_somebody_had(tmp_path: Path) -> None:
    storm = Storm(301)
    storm.blow(900)
    issued: dict[str, int] = {}
    waits = []
    for record in storm.play.log:
        event = record.event
        if isinstance(event, e.TicketIssued):
            issued[event.number] = record.recorded
        elif isinstance(event, e.TicketCalled) and event.number in issued:
            waits.append(max(0, record.recorded - issued.pop(event.number)) // 1000)
    line = reported(storm.play.log, tmp_path).sums.whole("A")
    nearest = [sorted(waits)[math.ceil(p * len(waits) / 100) - 1] for p in (50, 90, 99)]
    assert len(waits) > 20 and [line.wait_p50, line.wait_p90, line.wait_p99] == nearest


class Plain:
    """The same day counted the plain way, off the events and nothing else: (by, key) -> figure -> values."""

    def __init__(self, log: list[e.Recorded], zone: str) -> None:
        self.of: defaultdict[tuple[str, str], defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._zone = zone
        self._queue: dict[str, str] = {}
        self._staff: dict[str, str] = {}
        self._taken: dict[str, int] = {}
        for record in log:
            self._one(record)

    def _one(self, record: e.Recorded) -> None:
        event, at = record.event, record.recorded
        number = str(getattr(event, "number", ""))
        if isinstance(event, e.DayOpened):
            for live in event.tickets:
                self._queue[live.number], self._staff[live.number] = live.queue, live.staff
        elif isinstance(event, e.TicketIssued):
            self._queue[number], self._taken[number] = event.queue, at
            self._tell("tickets", 1, at, number)
        elif isinstance(event, e.TicketCalled):
            self._staff[number] = event.staff
            if number in self._taken:
                since = self._taken.pop(number)
                self._tell("waits", max(0, at - since) // 1000, since, number, event.window, event.staff)
            self._tell("calls", 1, at, number, event.window, event.staff)
        elif isinstance(event, e.ServiceFinished):
            self._tell("served", event.service_s, at, number, event.window, event.staff)
        elif isinstance(event, e.TicketNoShow) and not event.final:
            self._tell("no_shows", 1, at, number, event.window, self._staff[number])
        elif isinstance(event, e.TicketRelabelled):
            self._tell("wrong_numbers", 1, at, number, event.window, self._staff[number])
        elif isinstance(event, e.ServiceRated):
            self._tell("ratings", event.level, at, number, event.window, event.staff)
        elif isinstance(event, e.TicketTransferred):
            self._queue[number] = event.queue

    def _tell(self, figure: str, value: int, at: int, number: str, window: str = "", staff: str = "") -> None:
        hour = f"{local(at, self._zone).hour:02d}"
        for by, key in (("queue", self._queue[number]), ("window", window), ("staff", staff), ("hour", hour)):
            if key:
                self.of[by, key][figure].append(value)


def rank(values: list[int], percent: int) -> int | None:
    return sorted(values)[math.ceil(percent * len(values) / 100) - 1] if values else None


@pytest.mark.parametrize("seed", range(310, 314))
def test_every_figure_of_every_row_counted_a_second_time(seed: int, tmp_path: Path) -> None:
    storm = Storm(seed)
    storm.blow(700)
    plain, sums = Plain(storm.play.log, "Asia/Shanghai").of, reported(storm.play.log, tmp_path).sums
    rows = 0
    for by in ("queue", "window", "staff", "hour"):
        lines = {line.key: line for line in sums.lines("A", by)}
        assert {key for each, key in plain if each == by} <= lines.keys()
        for key, line in lines.items():
            of = plain[by, key]
            kinds = ("calls", "waits", "served", "no_shows", "wrong_numbers", "ratings")
            kinds += ("tickets",) if by in ("queue", "hour") else ()
            assert {kind: getattr(line, kind) for kind in kinds} == {kind: len(of[kind]) for kind in kinds}, (by, key)
            waits, served = of["waits"], of["served"]
            assert (line.wait_p50, line.wait_p90, line.wait_p99) == tuple(rank(waits, p) for p in (50, 90, 99))
            assert (line.service_p50, line.service_p90) == (rank(served, 50), rank(served, 90))
            assert line.satisfied == sum(level >= 3 for level in of["ratings"])
            rows += 1
    assert rows > 12


def _idle_ms(log: list[e.Recorded]) -> Counter[str]:
    """Idle while others waited, the slow way: every window looked at between any two events."""
    state, idle = HallState("test", "A"), Counter[str]()
    for record, after in zip(log, [*log[1:], log[-1]], strict=True):
        evolve(state, record)
        span = max(0, after.recorded - record.recorded) if state.phase == "open" else 0
        for name, each in state.windows.items():
            helped = [q for q in each.helps if q in state.queues and not state.queues[q].plan.restricted]
            people = any(state.queues[q].waiting for q in (*each.own, *helped) if q in state.queues)
            if each.serves and not each.ticket and (people or each.directed):
                idle[name] += span
    return idle


@pytest.mark.parametrize("seed", [302, 303, 304, 305])
def test_idle_time_is_what_a_slow_look_at_every_moment_finds(seed: int, tmp_path: Path) -> None:
    storm = Storm(seed)
    storm.blow(500)
    log = storm.play.log  # up to the first jump back: a span that never was is nobody's
    jump = next((i for i in range(1, len(log)) if log[i].recorded < log[i - 1].recorded), len(log))
    slow = _idle_ms(log[:jump])
    lines = {line.key: line.idle_s for line in reported(log[:jump], tmp_path).sums.lines("A", "window")}
    assert sum(slow.values()) > 60_000
    for name, ms in slow.items():
        assert lines.get(name, 0) == ms // 1000, name


def test_hours_are_the_halls_and_idle_is_cut_at_them(tmp_path: Path) -> None:
    play = Play(helping())
    play.issue("now")
    play.at(minutes=45)
    play.serve("A01")
    lines = {line.key: line for line in reported(play.log, tmp_path).sums.lines("A", "hour")}
    assert (lines["09"].tickets, lines["09"].waits, lines["10"].tickets, lines["10"].served) == (1, 1, 0, 1)
    assert lines["09"].idle_s == 3 * 30 * 60, "A01, A02 and A04, which may help, stood idle before ten"
    assert 3 * 15 * 60 <= lines["10"].idle_s < 3 * 16 * 60


@pytest.mark.parametrize(("zone", "cut_min"), [("Asia/Shanghai", 30), ("Asia/Kolkata", 60), ("Asia/Kathmandu", 45)])
def test_hours_begin_where_the_halls_clock_says(zone: str, cut_min: int, tmp_path: Path) -> None:
    """09:30 in Shanghai is 07:00 in Kolkata and 07:15 in Kathmandu."""
    plan = helping()
    hours = msgspec.structs.replace(plan.halls["A"].hours, opens=0, lunch_from=None, lunch_to=None)
    hall = msgspec.structs.replace(plan.halls["A"], hours=hours)
    site = msgspec.structs.replace(plan.site, time_zone=zone)
    play = Play(msgspec.structs.replace(plan, halls={"A": hall}, site=site))
    play.issue("now")
    play.at(minutes=90)
    play.serve("A01")
    lines = reported(play.log, tmp_path).sums.lines("A", "hour")
    assert lines[0].idle_s == 3 * cut_min * 60 and lines[0].tickets == 1
    assert sum(line.idle_s for line in lines) >= 3 * 90 * 60


def test_a_day_that_is_not_over_says_so_and_one_that_is_does_not(tmp_path: Path) -> None:
    play = two_days()
    report = reported(play.log, tmp_path / "open")
    assert "09:34" in as_text(report) and "3 人在等候" in as_text(report) and "3 人在等候" in as_page(report)
    written(play.log, tmp_path / "first")
    assert "人在等候" not in as_text(gathered(tmp_path / "first", "", Span("2026-11-23", "2026-11-23")))
    play.at(minutes=60 * 12).settle()
    assert "人在等候" not in as_text(reported(play.log, tmp_path / "over"))


def test_days_are_the_ones_asked_for(tmp_path: Path) -> None:
    play = two_days()
    first, second = "2026-11-23", "2026-11-24"
    written(play.log, tmp_path)
    both = gathered(tmp_path, "", EVER).sums
    assert both.days() == [first, second] and both.whole("A").tickets == 6
    for span, tickets in ((None, 2), (Span(first, first), 4), (Span(second, second), 2), (Span(first, second), 6)):
        assert gathered(tmp_path, "A", span).sums.whole("A").tickets == tickets
    line = gathered(tmp_path, "", Span(first, first)).sums.whole("A")
    assert (line.served, line.no_shows, line.transfers, line.wrong_numbers, line.ratings, line.satisfied) == (
        1, 1, 1, 1, 1, 0,
    )  # fmt: skip
    assert gathered(tmp_path, "", Span(first, first)).sums.levels("A") == {5: 0, 4: 0, 3: 0, 2: 0, 1: 1}


@pytest.mark.parametrize(("day", "first", "last"), [("yesterday", "", ""), ("", "20261123", ""), ("", "b", "a")])
def test_a_day_that_is_none_is_said_so(day: str, first: str, last: str) -> None:
    with pytest.raises(NotTold, match="2026-11-23"):
        asked_days(day, first, last)


def test_days_without_a_journal_and_spans_the_wrong_way_round_are_said_so(tmp_path: Path) -> None:
    written(two_days().log, tmp_path)
    with pytest.raises(NotTold, match="1999-01-01"):
        gathered(tmp_path, "", Span("1999-01-01", "1999-01-02"))
    with pytest.raises(NotTold, match="after"):
        asked_days("", "2026-11-24", "2026-11-23")


def test_a_journal_that_lies_gives_one_sentence_and_no_figures(tmp_path: Path) -> None:
    play = two_days()
    written(altered(play, e.TicketCalled, number="A0099"), tmp_path / "lie")
    with pytest.raises(NotTold, match="does not follow"):
        gathered(tmp_path / "lie", "", EVER)
    path = written(play.log, tmp_path / "torn")
    opened_up(path, lambda db: db.execute("UPDATE events SET body = 'x' WHERE seq = 9"))
    with pytest.raises(NotTold, match="event 9 is damaged"):
        gathered(tmp_path / "torn", "", EVER)


# -- what leaves it ------------------------------------------------------------------------------------------------


def named(name: str) -> Play:
    """A hall whose plan calls a queue by a dangerous name."""
    queues = {q: queue(q) for q in ("large", "tax", "post")}
    queues["large"] = msgspec.structs.replace(queues["large"], name=name)
    play = Play(a_plan(windows={"A01": window("A01", ("general",), 1)}, queues=queues))
    play.issue("now", count=2)
    play.serve("A01")
    return play


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"])
def test_no_name_is_a_formula_in_a_table_program(name: str, tmp_path: Path) -> None:
    assert harmless(name) == f"'{name}"
    text = as_csv(reported(named(name).log, tmp_path))
    cells = [cell for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))) for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "＝")]


def test_the_csv_is_one_table_with_a_row_for_everything(tmp_path: Path) -> None:
    report = reported(two_days().log, tmp_path)
    text = as_csv(report)
    assert text.startswith("\ufeff厅 hall,维度 by,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {row["维度 by"] for row in rows} == {"全厅", "按日", "按队列", "按窗口", "按人员", "按时段"}
    [whole] = [row for row in rows if row["维度 by"] == "全厅"]
    assert (whole["取号 tickets"], whole["办结 served"]) == ("6", "2")
    assert all(len(row) == len(rows[0]) for row in rows)


def test_the_text_has_every_table_in_both_languages(tmp_path: Path) -> None:
    text = as_text(reported(two_days().log, tmp_path))
    for heading in ("全厅 Hall", "按日 By day", "按队列 By queue", "按窗口 By window"):
        assert heading in text
    assert "按人员 By staff" in text and "按时段 By hour" in text
    assert "\n综合受理窗口A01 " in text and "09:00" in text and "\nlarge large " not in text


async def test_the_page_needs_no_network_runs_nothing_and_shows_its_charts(tmp_path: Path) -> None:
    play = named("<script>alert(1)</script>\u202e")
    play.send(c.RateService("A01", Level.SATISFIED))
    page_file = tmp_path / "report.html"
    page_file.write_text(as_page(reported(play.log, tmp_path)), encoding="utf-8")
    async with a_browser() as browser:
        page, wrong = await a_page(browser, page_file.as_uri(), (1400, 900))
        charts = await page.evaluate("[...document.images].map(i => [i.alt, i.naturalWidth, i.complete])")
        headings = await page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map(h => h.textContent)")
        wide = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        scripts = await page.evaluate("document.scripts.length")
        names = await page.evaluate("document.body.textContent")
    assert [said for said in wrong if not said.startswith("left: data:")] == []
    assert len(charts) >= 4 and all(done and width >= 600 for _, width, done in charts), charts
    assert "业务统计 Report" in headings[0] and "按队列 By queue" in headings
    assert wide and scripts == 0 and "<script>alert(1)</script>" in names and "\u202e" not in names


async def test_the_page_fits_a_sheet_of_paper(tmp_path: Path) -> None:
    page_file = tmp_path / "report.html"
    page_file.write_text(as_page(reported(two_days().log, tmp_path)), encoding="utf-8")
    async with a_browser() as browser:
        page, _ = await a_page(browser, page_file.as_uri(), A4_LANDSCAPE)
        await page.emulate_media(media="print")
        wide = await page.evaluate(
            "[...document.querySelectorAll('table, img')].map(e => e.getBoundingClientRect().right)"
        )
        sheet = await page.pdf(prefer_css_page_size=True)
    assert wide and max(wide) <= A4_LANDSCAPE[0]
    box = [float(n) for n in re.search(rb"/MediaBox\s*\[([^\]]+)\]", sheet)[1].split()]  # type: ignore[index]  # every PDF has one
    assert (round(box[2] / 72 * 25.4), round(box[3] / 72 * 25.4)) == (297, 210)


@pytest.mark.parametrize("name", ["事项,甲", '"甲"', "甲\n乙", "甲;乙"])
def test_a_name_with_commas_quotes_and_lines_stays_one_cell(name: str, tmp_path: Path) -> None:
    text = as_csv(reported(named(name).log, tmp_path))
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert next(row for row in rows if row["编号 key"] == "large")["名称 name"].startswith(name)
    assert {len(row) for row in rows} == {len(rows[0])}


def test_the_command_and_hall_report_say_the_same(tmp_path: Path) -> None:
    written(two_days().log, tmp_path)

    def asked(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", *words, "--var", str(tmp_path)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    text = asked("audit", "report", "--day", "2026-11-23")
    assert (text.returncode, text.stderr) == (0, "") and "2026-11-23" in text.stdout
    assert asked("cli", "report", "--day", "2026-11-23").stdout == text.stdout
    assert asked("audit", "report", "--html").stdout.startswith("<!doctype html>")
    missing = asked("audit", "report", "--day", "2020-01-01")
    assert missing.returncode == 1 and "2020-01-01" in missing.stderr and "Traceback" not in missing.stderr
    assert asked("audit", "report", "--day", "2026-11-23", "--from", "2026-11-23").returncode == 2
    shutil.rmtree(tmp_path / "journal")
    assert asked("audit", "report").returncode == 1
