"""The console at work: every act by its keys, in front of the real controller and a real broker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from brokers import Mosquitto
from consoles import AtWork, a_console
from textual.command import CommandList
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from waiting import until
from window_halls import WindowHall, a_hall, small

from console.forms import Ask, Form, LogInForm, Ticks
from console.listing import Listing
from console.sheets import Help, Life
from hall import codec, topics
from hall import commands as c
from hall import events as e
from hall.names import Role, WindowStatus
from hall.views import DeviceHere, Here

SHOWN_MAX_S = 0.3  # from the event to the screen


@pytest.fixture
async def hall(a_broker: Mosquitto, tmp_path: Path) -> AsyncIterator[WindowHall]:
    """The small hall with its controller; windows A01 to A04 open by roster."""
    plan = small(no_show_after_calls=1, no_show_after_s=0, guard_s=0)
    plan = msgspec.structs.replace(plan, priority=msgspec.structs.replace(plan.priority, classes=("elderly",)))
    async with a_hall(a_broker, tmp_path, plan) as hall:
        await hall.start("controller")
        yield hall


@pytest.fixture
async def desk(hall: WindowHall) -> AsyncIterator[AtWork]:
    """The console, logged in by keys."""
    async with a_console(hall) as console:
        await log_in(console)
        yield console


async def log_in(console: AtWork, staff: str = "9001", password: str = "") -> None:
    await until(lambda: isinstance(console.app.screen, LogInForm), 5, "the log-in")
    await console.types(staff)
    await console.keys("enter")
    await console.types(password or console.password())
    await console.keys("enter")
    await until(lambda: wrong(console) or not isinstance(console.app.screen, LogInForm), 10, "the answer to the log-in")
    await console.pilot.pause()


def wrong(console: AtWork) -> str:
    """What a dialogue says is wrong."""
    said = console.app.screen.query("#said.waiting") or not isinstance(console.app.screen, (Form, LogInForm))
    return "" if said else str(console.app.screen.query_one("#said").render())


async def on_window(console: AtWork, window: str) -> None:
    """Find a window by its name, as a person does."""
    await console.keys("slash")
    await until(lambda: isinstance(console.app.screen, Ask), 5, "the question which window")
    await console.types(window)
    await console.keys("enter")
    await until(lambda: not isinstance(console.app.screen, Ask), 5, "the window")
    assert console.app.overview.subject()[0] == window


async def on_queue(console: AtWork, queue: str) -> None:
    listing = console.app.overview.query_one("#queues", Listing)
    await until(lambda: listing.go(queue), 5, queue)
    listing.focus()
    await console.pilot.pause()


async def form(console: AtWork, key: str) -> None:
    await until(lambda: not isinstance(console.app.screen, ModalScreen), 5, "the dialogue before to close")
    await console.pilot.pause()
    await console.keys(key)
    await until(lambda: isinstance(console.app.screen, Form), 5, f"the form of {key}")
    await console.pilot.pause()


async def sent(console: AtWork, kind: type[e.Event]) -> Any:
    """Enter in the last field; the event it caused, kept with who and why."""
    known = len(console.hall.of(kind))
    await console.keys("enter")
    await console.hall.happened(kind, known + 1)
    await until(lambda: not isinstance(console.app.screen, Form), 5, f"the form to close, it says {wrong(console)!r}")
    recorded = [r for r in console.hall.events if isinstance(r.event, kind)][-1]
    assert (recorded.by.device, recorded.by.staff, recorded.by.role) == ("console-1", "9001", Role.SUPERVISOR)
    return recorded


async def call(hall: WindowHall, window: str = "A01") -> None:
    await hall.ask("caller-A-1", c.CallNext(window), Role.WINDOW)


# -- logging in ----------------------------------------------------------------------------------------------------


async def test_a_wrong_password_is_told_and_the_right_one_opens_the_desk(hall: WindowHall) -> None:
    async with a_console(hall) as console:
        await log_in(console, password="wrong")
        assert "工号或密码不对" in wrong(console)
        assert console.board.desk is None
        await console.types(console.password())
        await console.keys("enter")
        await until(lambda: console.board.desk, 10, "the session")
        await until(lambda: "9001" in console.line(), 5, "who is logged in")
    assert not [r for r in hall.events if console.password() in str(r)], "a password is in an event"


async def test_who_only_watches_is_told_to_log_in(hall: WindowHall) -> None:
    async with a_console(hall) as console:
        await until(lambda: isinstance(console.app.screen, LogInForm), 5, "the log-in")
        await console.keys("escape")
        await on_window(console, "A01")
        await console.keys("c")
        await until(lambda: "请先登录" in console.line(), 5, "what is wrong")
        assert not hall.of(e.CommandRefused), "nothing was asked"
        await log_in(console)
        await until(lambda: isinstance(console.app.screen, Form), 5, "the form that was wanted")


async def test_a_number_that_is_no_supervisors_is_told_before_a_password_is_tried(hall: WindowHall) -> None:
    async with a_console(hall) as console:
        await until(lambda: isinstance(console.app.screen, LogInForm), 5, "the log-in")
        await console.types("1001")
        await console.keys("enter", "x", "enter")
        await until(lambda: "不是值班主管的工号" in wrong(console), 5, "what is wrong")
        assert not hall.of(e.CommandRefused), "nothing was asked"


async def test_a_console_left_alone_wants_the_password_before_the_next_act(desk: AtWork) -> None:
    await on_window(desk, "A02")
    await form(desk, "c")
    desk.app.idle_s = 1  # of the plan: minutes
    await desk.hall.happened(e.StaffLoggedOut)
    await until(lambda: "久无人操作" in desk.line(), 5, "to be told")
    desk.app.idle_s = 600
    assert not isinstance(desk.app.screen, Form) and desk.board.windows["A02"].staff, "it goes on showing"
    await desk.keys("c")
    await log_in(desk)
    await until(lambda: isinstance(desk.app.screen, Form), 5, "the form")
    await desk.types("2")
    assert (await sent(desk, e.WindowClosed)).event == e.WindowClosed("A02")


async def test_a_key_now_and_then_keeps_the_desk(desk: AtWork) -> None:
    desk.app.idle_s = 3
    for _ in range(8):
        await desk.keys("down")
        await desk.pilot.pause(0.5)
    assert desk.board.desk is not None


async def test_a_session_taken_over_elsewhere_is_noticed(desk: AtWork) -> None:
    async with a_console(desk.hall, "console-2") as other:
        await log_in(other)
        await until(lambda: desk.board.desk is None, 5, "the first console to notice")
    await until(lambda: "登录已失效" in desk.line(), 5, "to be told")
    await desk.keys("o")
    assert "请先登录" in desk.line()


# -- windows -------------------------------------------------------------------------------------------------------


async def test_pause_open_and_close_a_window(desk: AtWork) -> None:
    await on_window(desk, "A02")
    await form(desk, "p")
    assert (await sent(desk, e.WindowPaused)).event == e.WindowPaused("A02")
    await form(desk, "o")
    await desk.types("1")
    opened = await sent(desk, e.WindowOpened)
    assert (opened.event, opened.reason) == (e.WindowOpened("A02"), "人多增开")
    await form(desk, "c")
    await desk.types("turn")
    closed = await sent(desk, e.WindowClosed)
    assert (closed.event, closed.reason) == (e.WindowClosed("A02"), "turn")
    await until(lambda: desk.board.windows["A02"].status is WindowStatus.CLOSED, 5, "the board to know")


async def test_no_act_goes_without_its_reason(desk: AtWork) -> None:
    await on_window(desk, "A02")
    await form(desk, "c")
    await desk.keys("enter")
    await until(lambda: "原因" in wrong(desk), 5, "what is missing")
    assert not desk.hall.of(e.WindowClosed)


async def test_a_refusal_is_told_in_words_and_the_form_stays(desk: AtWork) -> None:
    await on_window(desk, "A02")
    await form(desk, "o")
    await desk.types("x")
    await desk.keys("enter")
    await until(lambda: "已经是这个状态" in wrong(desk), 5, "the refusal")
    assert isinstance(desk.app.screen, Form)
    await desk.keys("escape")
    await until(lambda: not isinstance(desk.app.screen, Form), 5, "the form to close")


async def test_what_a_window_serves(desk: AtWork) -> None:
    """A04 is the tax's: the general queue beside it. The tax's is restricted, and for nobody else."""
    await on_window(desk, "A01")
    await form(desk, "d")
    ticks = desk.app.screen.query_one(Ticks)
    assert [row.cells[0] for row in ticks.rows] == ["[x] 综合事项"] and ticks.has_focus
    name = desk.app.screen.query_one("#field-window", Input)
    name.value = "A04"
    await until(lambda: ticks.ticked == ("tax",), 5, "what the other window serves")
    assert [row.key for row in ticks.rows] == ["large", "tax"]
    ticks.go("large")
    await desk.keys("space")
    desk.app.screen.query_one("#field-reason").focus()
    await desk.types("1")
    serves = await sent(desk, e.ServesSet)
    assert (serves.event, serves.reason) == (e.ServesSet("A04", ("tax", "large")), "人多增开")
    await until(lambda: desk.board.own("A04") == ("tax", "large"), 5, "the board to know")
    await on_window(desk, "A04")
    (number,) = await desk.hall.issue()
    await call(desk.hall, "A04")
    await until(lambda: desk.board.windows["A04"].number == number, 5, "the call of its new queue")
    await form(desk, "h")
    assert "large" not in [row.key for row in desk.app.screen.query_one(Ticks).rows], "its own needs no help"


async def test_helps_of_a_window(desk: AtWork) -> None:
    await on_window(desk, "A04")
    await form(desk, "h")
    ticks = desk.app.screen.query_one(Ticks)
    assert [row.cells[0] for row in ticks.rows] == ["[ ] 综合事项"], "a restricted queue is not offered"
    ticks.focus()
    await desk.keys("space")
    desk.app.screen.query_one("#field-reason").focus()
    await desk.types("4")
    assert (await sent(desk, e.HelpsSet)).event == e.HelpsSet("A04", ("large",))
    await form(desk, "h")
    assert desk.app.screen.query_one(Ticks).ticked == ("large",), "the next form begins with how it stands"


async def test_rename_the_panel_of_a_window(desk: AtWork) -> None:
    await on_window(desk, "A01")
    await form(desk, "n")
    name = desk.app.screen.query_one("#field-name")
    assert name.value == "综合受理窗口A01"  # type: ignore[attr-defined]
    name.value = "[red]老年专窗[/]"  # type: ignore[attr-defined]
    await desk.keys("enter")
    await desk.types("ok")
    renamed = await sent(desk, e.WindowRenamed)
    assert renamed.event == e.WindowRenamed("A01", "[red]老年专窗[/]")
    await until(lambda: desk.board.windows["A01"].name == "[red]老年专窗[/]", 5, "the board to know")
    await desk.pilot.pause(0.2)  # drawn as it is: a name is not markup


async def test_call_a_given_number(desk: AtWork) -> None:
    numbers = await desk.hall.issue("now", 3)
    await on_window(desk, "A03")
    await form(desk, "k")
    await desk.types(numbers[2].lower())
    await desk.keys("enter")
    await desk.types("4")
    called = await sent(desk, e.TicketCalled)
    assert (called.event.number, called.event.window, called.reason) == (numbers[2], "A03", "群众要求")


# -- tickets -------------------------------------------------------------------------------------------------------


async def test_transfer_to_another_queue_and_to_a_window(desk: AtWork) -> None:
    first, second = await desk.hall.issue("now", 2)
    await form(desk, "x")
    await desk.types(first)
    desk.app.screen.query_one("#field-target").value = "queue:tax"  # type: ignore[attr-defined]
    desk.app.screen.query_one("#field-reason").focus()
    await desk.types("5")
    moved = await sent(desk, e.TicketTransferred)
    assert (moved.event.number, moved.event.queue, moved.reason) == (first, "tax", "操作有误")
    await form(desk, "x")
    await desk.types(second)
    await desk.keys("enter", "enter")  # on to the choice, and open it
    await desk.types("A02")
    await desk.keys("enter")
    await until(lambda: desk.app.screen.query_one("#field-target").value == "window:A02", 5, "the choice")  # type: ignore[attr-defined]
    desk.app.screen.query_one("#field-reason").focus()
    await desk.types("5")
    assert (await sent(desk, e.TicketTransferred)).event.to_window == "A02"


async def test_priority_void_and_reprint(desk: AtWork) -> None:
    number, other = await desk.hall.issue("now", 2)
    await form(desk, "y")
    await desk.types(number)
    desk.app.screen.query_one("#field-priority").value = desk.hall.plan.priority.classes[0]  # type: ignore[attr-defined]
    desk.app.screen.query_one("#field-reason").focus()
    await desk.types("80 years")
    given = await sent(desk, e.PriorityGiven)
    assert (given.event.number, given.reason) == (number, "80 years")
    await form(desk, "r")
    await desk.types(number)
    desk.app.screen.query_one("#field-reason").focus()  # the one machine of the hall is chosen already
    await desk.types("4")
    assert (await sent(desk, e.ReprintAsked)).event.kiosk == "A-K1"
    await form(desk, "v")
    await desk.types(other)
    await desk.keys("enter")
    await desk.types("6")
    voided = await sent(desk, e.TicketVoided)
    assert (voided.event.number, voided.reason) == (other, "人已离开")


async def test_a_no_show_comes_back(desk: AtWork) -> None:
    (number,) = await desk.hall.issue()
    await call(desk.hall)
    await desk.hall.ask("caller-A-1", c.MarkNoShow("A01"), Role.WINDOW)
    await form(desk, "b")
    await desk.types(number)
    await desk.keys("enter")
    await desk.types("4")
    assert (await sent(desk, e.TicketReturned)).event.number == number


async def test_the_ticket_of_the_window_under_the_cursor_is_meant(desk: AtWork) -> None:
    (number,) = await desk.hall.issue()
    await call(desk.hall)
    await until(lambda: desk.board.windows["A01"].number == number, 5, "the board to know")
    await on_window(desk, "A01")
    await form(desk, "v")
    await desk.types("6")
    assert (await sent(desk, e.TicketVoided)).event == e.TicketVoided(number, "A01")


# -- the hall ------------------------------------------------------------------------------------------------------


async def test_stop_and_resume_issuing_for_a_queue_and_for_the_hall(desk: AtWork) -> None:
    await on_queue(desk, "tax")
    for queue in ("tax", ""):
        await form(desk, "s")
        desk.app.screen.query_one("#field-queue").value = queue  # type: ignore[attr-defined]
        desk.app.screen.query_one("#field-reason").focus()
        await desk.types("3")
        stopped = await sent(desk, e.IssuingStopped)
        assert (stopped.event, stopped.reason) == (e.IssuingStopped(queue), "设备故障")
    await until(lambda: "stopped_hall" in [t.kind for t in desk.app.overview.found], 5, "the reminder")
    for queue in ("", "tax"):
        await form(desk, "g")
        desk.app.screen.query_one("#field-queue").value = queue  # type: ignore[attr-defined]
        desk.app.screen.query_one("#field-reason").focus()
        await desk.types("well")
        assert (await sent(desk, e.IssuingResumed)).event == e.IssuingResumed(queue)


async def test_a_notice_for_everybody_stands_on_the_screen_and_goes(desk: AtWork) -> None:
    await form(desk, "e")
    await desk.types("leave by the east door")
    await desk.keys("enter")
    await desk.types("drill")
    assert (await sent(desk, e.NoticeSet)).event == e.NoticeSet("leave by the east door")
    await until(lambda: desk.app.overview.query_one("#notice").has_class("-on"), 5, "the banner")
    await form(desk, "e")
    desk.app.screen.query_one("#field-text").value = ""  # type: ignore[attr-defined]
    desk.app.screen.query_one("#field-reason").focus()
    await desk.types("over")
    assert (await sent(desk, e.NoticeSet)).event == e.NoticeSet("")


async def test_an_alarm_is_acknowledged_in_the_controller(desk: AtWork) -> None:
    await desk.hall.ask("displays-A", c.ReportDevice("panel-A02", "no_answer"), Role.DEVICE)
    await until(lambda: desk.app.overview.trouble() is not None, 5, "the alarm")
    overview = desk.app.overview
    listing = overview.query_one("#troubles", Listing)
    await until(lambda: listing.go("device:panel-A02:no_answer"), 5, "its line")
    overview.query_one("#windows", Listing).focus()
    await desk.keys("a")
    assert not desk.hall.of(e.AlarmAcknowledged), "nothing is put away unseen"
    await until(lambda: listing.has_focus, 5, "the alarms")
    listing.go("device:panel-A02:no_answer")
    await desk.keys("a")
    await desk.hall.happened(e.AlarmAcknowledged)
    await until(lambda: desk.board.alarms[0].acknowledged, 5, "the board to know")


# -- watching ------------------------------------------------------------------------------------------------------


async def test_an_event_is_on_the_screen_within_three_tenths_of_a_second(desk: AtWork) -> None:
    overview = desk.app.overview
    waiting = lambda: next((r.cells[1] for r in overview.query_one("#queues", Listing).rows if r.key == "large"), "")  # noqa: E731
    await until(lambda: waiting() == "0", 5, "the empty queue")
    for number in range(1, 4):
        await desk.hall.issue()
        await until(lambda number=number: waiting() == str(number), SHOWN_MAX_S, f"{number} waiting")  # type: ignore[misc]


async def test_the_life_of_a_ticket_from_the_journal_with_what_nobody_here_has_heard(hall: WindowHall) -> None:
    (number,) = await hall.issue()
    async with a_console(hall) as console:
        await log_in(console)
        await call(hall)
        await until(lambda: len(console.board.lives.of(number)) == 1, 5, "the call")
        steps = await life_of(console, number)
        await until(lambda: "来自日志" in source(console), 20, "the journal")
        assert [row.cells[1].split()[0] for row in steps.rows] == ["取号", "呼叫到"]


@pytest.mark.parametrize("number", ["A9999", "-h", "[red]"])
async def test_a_number_nobody_knows_is_told(desk: AtWork, number: str) -> None:
    desk.app.life(number)
    await until(lambda: isinstance(desk.app.screen, Life), 5, "the life")
    await until(lambda: "读不到日志" in source(desk), 20, "the reader's word")
    assert not desk.app.screen.query_one("#steps", Listing).rows


def source(console: AtWork) -> str:
    """Where the life on the screen says it comes from."""
    return "".join(str(line.render()) for line in console.app.screen.query("#from").results(Static))


async def life_of(console: AtWork, number: str) -> Listing:
    """Ask for a life by its number, as a person does."""
    await console.keys("t")
    await until(lambda: isinstance(console.app.screen, Ask), 5, "the question")
    await console.types(number.lower())
    await console.keys("enter")
    await until(lambda: isinstance(console.app.screen, Life), 5, "the life")
    return console.app.screen.query_one("#steps", Listing)


async def test_the_life_of_a_ticket_as_it_was_heard(desk: AtWork) -> None:
    (number,) = await desk.hall.issue()
    await call(desk.hall)
    await until(lambda: len(desk.board.lives.of(number)) == 2, 5, "both events")
    steps = await life_of(desk, number)
    await until(lambda: len(steps.rows) == 2, 5, "its events")
    assert "取号" in steps.rows[0].cells[1] and "呼叫到 A01" in steps.rows[1].cells[1]
    assert steps.rows[1].cells[2] == "caller-A-1"
    await desk.keys("escape")
    await until(lambda: not isinstance(desk.app.screen, Life), 5, "the life to close")


async def test_the_broker_is_lost_and_comes_back(desk: AtWork) -> None:
    lost = desk.app.overview.query_one("#lost")
    desk.hall.broker.kill()
    await until(lambda: lost.has_class("-on"), 10, "the banner")
    assert "断了" in desk.app.overview.text_of("lost")
    desk.hall.broker.start()
    await until(lambda: not lost.has_class("-on"), 20, "the link")
    await until(lambda: desk.hall.link.up, 10, "the witness")
    await desk.hall.issue()
    await until(lambda: desk.board.queues["large"].waiting == 1, 10, "the board to go on")
    await on_window(desk, "A03")
    await form(desk, "c")
    await desk.types("2")
    assert (await sent(desk, e.WindowClosed)).event == e.WindowClosed("A03"), "the session outlives the broker"


async def test_silence_is_told_and_asking_again_does_nothing_twice(desk: AtWork) -> None:
    await on_window(desk, "A02")
    desk.hall.room("controller").freeze()
    await form(desk, "c")
    await desk.types("2")
    await desk.keys("enter")
    await until(lambda: "没有回音" in wrong(desk), 15, "the silence")
    desk.hall.room("controller").thaw()
    await desk.hall.happened(e.WindowClosed)  # it had heard the letter after all
    await desk.keys("enter")
    await until(lambda: not isinstance(desk.app.screen, Form), 10, f"the answer, it says {wrong(desk)!r}")
    closed = {r.seq for r in desk.hall.events if isinstance(r.event, e.WindowClosed)}
    assert len(closed) == 1, "each letter said again has the same answer again"
    assert not desk.hall.of(e.CommandRefused)


def first_offered(console: AtWork) -> str:
    """What the palette would do at Enter."""
    lists = console.app.screen.query(CommandList)
    return str(lists.first().get_option_at_index(0).prompt) if lists and lists.first().option_count else ""


async def test_help_language_halls_and_the_palette(desk: AtWork) -> None:
    await desk.keys("question_mark")
    await until(lambda: isinstance(desk.app.screen, Help), 5, "help")
    await desk.keys("escape", "z")
    await until(
        lambda: "Hall" in desk.app.overview.text_of("head") or "waiting" in desk.app.overview.text_of("head"),
        5,
        "English",
    )
    await desk.keys("w", "ctrl+p")
    await desk.types("Close")
    await until(lambda: first_offered(desk).startswith("Close"), 5, "the palette to find it")
    await desk.pilot.pause(0.3)
    await desk.keys("enter")
    await until(lambda: isinstance(desk.app.screen, Form), 5, "the form by the palette")


async def test_the_mouse_does_what_keys_do(desk: AtWork) -> None:
    await desk.pilot.click("#windows", offset=(3, 2))
    assert desk.app.overview.subject()[0] == "A02"
    await desk.pilot.click(".key-pause")
    await until(lambda: isinstance(desk.app.screen, Form), 5, "the form")
    await desk.pilot.pause()
    await desk.pilot.click("#confirm")
    assert (await desk.hall.happened(e.WindowPaused)) == [e.WindowPaused("A02")]


async def test_foreign_texts_are_inert_wherever_they_come_from(desk: AtWork) -> None:
    bad = "[red]x[/red]\x1b[2J\u202e"
    site, link = desk.hall.plan.site.id, desk.hall.link
    here = Here(
        up=True, at=desk.hall.clock.now(), boot="b", devices={bad: DeviceHere(state="down", fault=bad, detail=bad)}
    )
    await link.say(topics.here(site, "A", "web-A"), codec.encode(here))
    await desk.hall.ask("displays-A", c.ReportDevice("panel-A02", "[blink]x"), Role.DEVICE)
    await until(lambda: any("[red]x" in t.subject for t in desk.app.overview.found), 5, "the strange device")
    await until(lambda: "[red]x[/red]" in desk.app.export_screenshot().replace("&#160;", " "), 5, "it to be drawn")
    picture = desk.app.export_screenshot()
    assert "\x1b" not in picture and "\u202e" not in picture
    await desk.keys("h")
