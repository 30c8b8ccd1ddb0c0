"""Every screen of the console, held against a picture that was looked at: at 80×24, and where it matters wide.

The link, the controller and the keys are tried in test_console_acts; here the clock stands, so that a picture is a
picture.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from console_scenes import a_bad_morning
from consoles import MINUTE, Told
from pictures import FOLDER, held_against, words
from textual.pilot import Pilot
from textual.widgets import Input, Select
from waiting import until

from console.acts import ACTS
from console.app import Console
from console.journal import NotRead
from console.sheets import Life
from console.watch import Watch
from hall.events import Recorded

DOCS = Path(__file__).parents[2] / "docs" / "pictures"
SMALL, WIDE = (80, 24), (200, 60)


class Picture:
    """The console with a scene in front of it."""

    def __init__(self, app: Console, pilot: Pilot[None], seen: Path) -> None:
        self.app, self._pilot, self._seen = app, pilot, seen

    async def keys(self, *keys: str) -> None:
        await self._pilot.press(*keys)

    def shows(self, text: str) -> bool:
        return text in words(self.app.export_screenshot())

    async def settled(self) -> None:
        await self._pilot.pause()

    async def is_like(self, name: str) -> None:
        """Nothing blinks, nothing moves: what is on the screen is what it was."""
        await self._pilot.pause()
        self.app.overview.draw()  # as wide as it has become
        await self._pilot.pause()
        for entry in self.app.screen.query(Input):
            entry.cursor_blink = False
        await self._pilot.pause()
        held_against(self.app.export_screenshot(), name, self._seen)


@asynccontextmanager
async def on_screen(watch: Watch, var: Path, size: tuple[int, int] = SMALL, lang: str = "zh") -> AsyncIterator[Picture]:
    app = Console(watch, None, var, lang)
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        yield Picture(app, pilot, var)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["small", "wide"])
async def test_the_overview(tmp_path: Path, size: tuple[int, int], lang: str) -> None:
    async with on_screen(a_bad_morning(), tmp_path, size, lang) as picture:
        await picture.is_like(f"console-overview-{'small' if size == SMALL else 'wide'}-{lang}")


@pytest.mark.parametrize(("page", "picture"), [("", "small-zh"), ("-wide", "wide-zh")])
def test_the_pictures_of_the_docs_are_these(page: str, picture: str) -> None:
    assert (DOCS / f"console-overview{page}.svg").read_text() == (
        FOLDER / f"console-overview-{picture}.svg"
    ).read_text()


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["small", "wide"])
async def test_the_command_palette(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_screen(a_bad_morning(), tmp_path, size) as picture:
        await picture.keys("ctrl+p")
        await until(lambda: picture.shows("暂停窗口"), 10, "the commands")
        await picture.is_like(f"console-palette-{'small' if size == SMALL else 'wide'}")


@pytest.mark.parametrize(("typed", "found"), [("关闭", "关闭窗口"), ("Close", "关闭窗口"), ("xyzzy", "没有这样的命令")])
async def test_the_palette_finds_in_both_languages(tmp_path: Path, typed: str, found: str) -> None:
    async with on_screen(a_bad_morning(), tmp_path) as picture:
        await picture.keys("ctrl+p")
        await until(lambda: picture.app.screen.query(Input), 10, "the palette")
        picture.app.screen.query_one(Input).value = typed
        await until(lambda: picture.shows(found) and not picture.shows("恢复过号"), 10, found)


async def test_the_other_hall(tmp_path: Path) -> None:
    async with on_screen(a_bad_morning(), tmp_path) as picture:
        picture.app.action_hall(2)
        await picture.is_like("console-other-hall")


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["small", "wide"])
async def test_the_broker_is_gone_and_a_notice_stands(tmp_path: Path, size: tuple[int, int]) -> None:
    watch = a_bad_morning()
    Told(watch).standing(notice="请从东门离开", revision=99)
    watch.down("")
    async with on_screen(watch, tmp_path, size) as picture:
        await picture.is_like(f"console-lost{'' if size == SMALL else '-wide'}")


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["small", "wide"])
@pytest.mark.parametrize(
    ("name", "opens"),
    [
        ("log-in", Console.action_log_in),
        ("help", Console.action_help),
        ("find", Console.action_find),
        ("which-number", Console.action_life),
    ],
)
async def test_log_in_help_and_questions(
    tmp_path: Path, name: str, opens: Callable[[Console], None], size: tuple[int, int]
) -> None:
    async with on_screen(a_bad_morning(), tmp_path, size) as picture:
        opens(picture.app)
        await picture.is_like(f"console-{name}{'' if size == SMALL else '-wide'}")


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["small", "wide"])
async def test_the_life_of_a_ticket(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_screen(a_bad_morning(), tmp_path, size) as picture:
        life = Life("A0035", picture.app.board, _no_journal, "zh")
        await picture.app.push_screen(life)
        await life.workers.wait_for_complete()
        await picture.is_like(f"console-life{'' if size == SMALL else '-wide'}")


async def _no_journal(number: str) -> tuple[Recorded, ...]:
    raise NotRead("no journal here")


@pytest.mark.parametrize(("act", "size"), [*((act.id, SMALL) for act in ACTS), ("serves", WIDE)], ids=str)
async def test_forms(tmp_path: Path, act: str, size: tuple[int, int]) -> None:
    """A form is as wide as it is; one of them shows how it stands in a wide terminal."""
    async with on_screen(a_bad_morning(), tmp_path, size) as picture:
        assert picture.app.overview.show_window("A05")
        await picture.settled()
        picture.app.action_act(act)
        await picture.is_like(f"console-form-{act}{'' if size == SMALL else '-wide'}")


@pytest.mark.parametrize("list_of", ["queues", "windows", "devices"])
async def test_the_line_below_tells_what_has_no_column(tmp_path: Path, list_of: str) -> None:
    async with on_screen(a_bad_morning(), tmp_path) as picture:
        picture.app.overview.listing(list_of).focus()
        await picture.is_like(f"console-about-{list_of}")


@pytest.mark.parametrize("size", [(60, 16), (40, 10), (300, 100)], ids=str)
async def test_it_stands_in_any_terminal(tmp_path: Path, size: tuple[int, int]) -> None:
    """Nothing breaks; the first alarm is still on the screen."""
    async with on_screen(a_bad_morning(), tmp_path, size) as picture:
        assert "烟草专卖" in words(picture.app.export_screenshot())


async def test_a_hall_of_a_hundred_and_twenty_windows_is_drawn_without_lag(tmp_path: Path) -> None:
    """An event has 0.3 s to the screen, LOOK_S of it waiting for a look; drawing may take a third of the rest."""
    watch = a_bad_morning()
    told = Told(watch)
    for number in range(120):
        told.serving(f"A{number:03d}", f"A{number:04d}", number)
    async with on_screen(watch, tmp_path, WIDE) as picture:
        app, spent = picture.app, []
        for waiting in range(30):
            told.queue("large", waiting=5000 + waiting, oldest_at=told.watch.clock.now() - MINUTE)
            began = time.process_time()
            app.overview.draw()
            await picture.settled()
            spent.append(time.process_time() - began)
        shown = [row.cells[1] for row in app.overview.listing("queues").rows if row.key == "large"]
        assert shown == ["5029"]
        assert sorted(spent)[15] < 0.07, f"median {sorted(spent)[15]:.3f} s"


async def test_enter_leads_from_the_alarm_to_the_queue_to_its_windows(tmp_path: Path) -> None:
    async with on_screen(a_bad_morning(), tmp_path) as picture:
        overview = picture.app.overview
        await picture.keys("enter")
        await until(lambda: overview.subject() == ("", "", "tobacco"), 5, "the queue")
        await picture.keys("enter")
        await until(lambda: [row.key for row in overview.listing("windows").rows] == ["A15"], 5, "its window")
        await until(lambda: overview.subject()[0] == "A15", 5, "the cursor on it")
        await picture.keys("escape")
        await until(lambda: len(overview.listing("windows").rows) == 15, 5, "all windows")
        assert "A15" in overview.listing("windows").key, "the cursor stays where it was"


async def test_what_is_typed_in_a_list_of_choices_finds_a_line(tmp_path: Path) -> None:
    async with on_screen(a_bad_morning(), tmp_path) as picture:
        picture.app.action_act("transfer")
        await picture.settled()
        await picture.keys("A", "1", "enter", "enter", "A", "1", "2", "enter")
        await picture.settled()
        assert picture.app.screen.query_one("#field-target", Select).value == "window:A12"
        assert picture.app.focused is picture.app.screen.query_one("#field-place"), "and goes on to the next field"


async def test_a_new_urgent_alarm_rings_and_is_in_sight_wherever_the_list_was_left(tmp_path: Path) -> None:
    watch = a_bad_morning()
    told = Told(watch)
    async with on_screen(watch, tmp_path) as picture:
        rung: list[int] = []
        picture.app.bell = lambda: rung.append(1)  # type: ignore[method-assign]
        await picture.keys("end")
        listing = picture.app.overview.listing("troubles")
        assert listing.scroll_offset.y > 0
        told.queue("tax", waiting=7, oldest_at=told.watch.clock.now() - 12 * MINUTE, open_windows=0, revision=500)
        picture.app.overview.draw()
        await picture.settled()
        assert (rung, listing.scroll_offset.y, listing.cursor) == ([1], 0, 0)
        assert listing.key == "last_window:tax"
        picture.app.overview.draw()
        assert rung == [1], "once"
