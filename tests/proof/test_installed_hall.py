"""The real rooms as install.md sets them up: a state directory, a log-in and the authority each, TLS, the access list.

They are started with the command lines of their own service units, in halls A and B at once. A ticket is taken, called
from the keypad on the line, then from a keypad with firmware of ours; its panel is lit. Afterwards the broker's log is
read: nobody was denied anything, and nobody asked to hear what the list would not deliver.
"""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
from brokers import free_port
from enrolled import Enrolled, an_enrolled_broker
from firmware import Pad, a_pad
from kiosks import TEN, Running
from sample_plans import changed, sample
from waiting import until

from cli.firmware.principals import principals
from cli.firmware.units import PLAN, PROGRAM, STATE
from hall import codec
from hall import plan as plans
from hall.plan.model import Plan
from hall.views import PanelView
from simulators.clock import clock_from
from simulators.far_side import FarSide
from transport.clock import Clock
from transport.link import Heard, matches, open_link
from transport.plans import known

ROOMS = ("controller", "displays-A", "caller-A-1", "displays-B", "caller-B-1", "kiosk-A-K1", "kiosk-B-K1", "staff-A")

MACHINES = (
    ("A-K1", 8711, 9101), ("A-K2", 8712, 9102), ("B-K1", 8721, 9111), ("B-K2", 8722, 9112), ("B-K3", 8723, 9113),
)  # fmt: skip
"""With the ports they have in the sample plan, which other tests and a running demonstration may use."""


def text_of(tls_port: int) -> str:
    """The Kaiyang plan as a person installs it, but for its devices: those stand on ptys."""
    own = f'kind = "external"\nhost = "localhost"\nport = {tls_port}\nuser = ""\npassword_file = "broker/logins"\n'
    text = changed(
        sample("kaiyang"),
        'kind = "embedded"\nhost = "127.0.0.1"\nport = 18883\n',
        own + f'ca_file = "broker/ca.crt"\n\n[doors]\npublic = "127.0.0.1:{free_port()}"\n',
    )
    for line in ("tcp://127.0.1.{index}:5005", "tcp://127.0.2.{index}:5005", "tcp://127.0.3.{index}:5005"):
        text = changed(text, line, "pty:panel-{window}")
    for point in ("11", "12"):
        text = changed(text, f"tcp://127.0.3.{point}:5005", "pty:panel-{window}")
    for area in ('area = "法人（企业）"\n', 'area = "自然人（个人）"\n'):
        pages = (f'{door} = {{ page = "127.0.0.1:{free_port()}" }}\n' for door in ("screen", "staff_door"))
        text = changed(text, area, area + "".join(pages))
    for machine, page, port in MACHINES:
        text = changed(text, f"127.0.0.1:{page}", f"127.0.0.1:{free_port()}")
        text = changed(text, f"tcp://127.0.0.1:{port}", f"pty:printer-{machine}")
    return text


class Installed:
    """The hall on one machine."""

    def __init__(self, broker: Enrolled, folder: Path, text: str) -> None:
        self.broker, self.state, self.plan_file = broker, folder / "state", folder / "plan.toml"
        self.plan = broker.plan
        self.plan_file.write_text(text, encoding="utf-8")
        self.lines = folder / "far"
        self.lines.mkdir()
        self.clock = Clock.starting_at(int(TEN.timestamp() * 1000), 1.0)
        self.rooms: dict[str, Running] = {}

    def install(self, who: str) -> Running:
        """What install.md does for one room, and the command of its unit."""
        own = self.state / who
        (own / "broker").mkdir(parents=True)
        (own / "broker/logins").write_text((self.broker.secret / "logins" / who).read_text())
        (own / "broker/ca.crt").write_text(Path(self.broker.ca_file).read_text())
        (own / "lines").symlink_to(self.lines / "lines")
        unit = (self.broker.files / f"systemd/onewindow-{who}.service").read_text()
        (command,) = [line.removeprefix("ExecStart=") for line in unit.splitlines() if line.startswith("ExecStart=")]
        words = shlex.split(command)
        assert words[0] == PROGRAM
        assert words[words.index("--var") + 1] == f"{STATE}/{who}"
        place = {PROGRAM: "", PLAN: str(self.plan_file), f"{STATE}/{who}": str(own), "real": self.clock.text()}
        argv = [place.get(word, word) for word in words[1:]]
        return Running(who, who, [sys.executable, "-m", "cli", *argv], self.state / f"{who}.log")

    async def start(self) -> None:
        self.rooms = {who: self.install(who) for who in ROOMS}
        await self.rooms["controller"].start()
        await asyncio.gather(*(room.start() for who, room in self.rooms.items() if who != "controller"))

    async def close(self) -> None:
        for room in reversed(self.rooms.values()):
            await room.stop()


@asynccontextmanager
async def an_installed_hall(folder: Path) -> AsyncIterator[tuple[Installed, FarSide]]:
    text = text_of(free_port())
    plan: Plan = plans.load(text, "plan.toml", known())
    async with AsyncExitStack() as stack:
        broker = stack.enter_context(an_enrolled_broker(plan, folder / "broker", plan.broker.port))
        hall = Installed(broker, folder, text)
        far = FarSide(json.loads(plans.to_json(plan)), hall.lines, clock_from(hall.clock.text()), seed=1)
        stack.callback(far.close)
        far.open()
        stack.push_async_callback(hall.close)
        await hall.start()
        yield hall, far


async def test_a_ticket_goes_through_the_installed_hall(tmp_path: Path) -> None:
    async with an_installed_hall(tmp_path) as (hall, far):
        numbers = [await touch(hall, "A", "A-K1"), await touch(hall, "A", "A-K1"), await touch(hall, "B", "B-K1")]
        assert numbers == ["A0001", "A0002", "B0001"]
        for number, machine in zip(numbers, ("A-K1", "A-K1", "B-K1"), strict=True):
            printer = far.devices[f"{machine[0]}.printer.{machine}"]
            await until(lambda p=printer, n=number: n in p.box.text(), 15, f"{number} on paper")
        for window, number in (("A01", "A0001"), ("B01", "B0001")):
            far.devices[f"{window[0]}.keypad.{window[0]}-1"].act("press", {"window": window, "keys": "0C"})
            await lit(far, window, f"综合受理窗口{window}", f"请{number}号")
        with a_pad(hall.broker.files / "esphome/common", tmp_path / "pad", "esp-keypad-A02", "A", "A02") as pad:
            await a_keypad_of_ours_calls(hall, far, pad)
        nothing_was_denied(hall.broker)


async def touch(hall: Installed, name: str, machine: str) -> str:
    """One touch of 马上办 on the machine's page."""
    page = f"http://127.0.0.1:{hall.plan.halls[name].kiosks[machine].port}/"
    body: dict[str, object] = {"touch": str(uuid.uuid4()), "entry": "now"}
    async with aiohttp.ClientSession() as http:
        for _ in range(40):
            async with http.post(page + "touch", json=body) as response:
                answer = await response.json()
            if answer.get("number"):
                return str(answer["number"])
            body["again"] = True
    raise AssertionError(f"no number: {answer}")


async def lit(far: FarSide, window: str, *lines: str) -> None:
    box = far.devices[f"{window[0]}.panel.{window}"].box
    await until(
        lambda: [str(line).strip() for line in box.look()["lines"]] == list(lines),
        10,
        f"{lines} on {window}: {box.look()}",
    )


async def a_keypad_of_ours_calls(hall: Installed, far: FarSide, pad: Pad) -> None:
    """esp-keypad-A02 with the firmware's own words; esp-panel-A02 is told, and so is the card above the window."""
    site, views, answers = hall.plan.site.id, [], []  # type: ignore[var-annotated]

    def hears(message: Heard) -> None:
        answers.append(message)

    panel = open_link(
        hall.broker.login("esp-panel-A02"),
        "esp-panel-A02",
        hears=[f"{site}/A/now/panels/A02"],
        on_heard=lambda heard: views.append(codec.view(heard.payload, PanelView)),
    )
    filters = [f"{site}/A/now/windows/A02", f"{site}/A/evt/+"]
    keypad = open_link(hall.broker.login("esp-keypad-A02"), "esp-keypad-A02", hears=filters, on_heard=hears)
    async with panel, keypad as link:
        await link.wait_up()
        await until(lambda: views, 10, "the retained panel view")
        what, letter = pad.press("A", hall.clock.now(), 1000)
        await link.say(f"{site}/A/cmd/esp-keypad-A02/{what}", letter.encode())
        await until(lambda: views[-1].number == "A0002", 10, "A0002 on the panel of our firmware")
        await lit(far, "A02", "综合受理窗口A02", "请A0002号")
        causes = [codec.recorded(one.payload).cause for one in answers if "/evt/" in one.topic]
        await until(lambda: json.loads(letter)["id"] in causes, 10, "the answer reaches the keypad")
        assert not [one.topic for one in answers if one.topic.startswith(f"{site}/A/evt/Slip")], "the list lets through"


def nothing_was_denied(broker: Enrolled) -> None:
    """The list has room for all that the rooms say and hear: a filter it would thin out is a name forgotten in it."""
    assert "Denied" not in broker.said()
    hears = {one.name: one.hears for one in principals(broker.plan)}
    asked = {(who, pattern) for who, pattern in broker.subscribed() if not who.startswith("esp-keypad-")}
    assert {who for who, _ in asked} >= {"controller-A", "controller-B", *ROOMS[1:], "esp-panel-A02"}
    assert not [(who, pattern) for who, pattern in asked if not any(covers(own, pattern) for own in hears[who])]


def covers(own: str, pattern: str) -> bool:
    """Whether whatever the pattern matches is granted by `own`."""
    return own == pattern or matches(own, pattern.replace("+", "\0"))


def test_covering_is_not_meeting() -> None:
    assert covers("a/now/#", "a/now/windows/+")
    assert covers("a/evt/+", "a/evt/+")
    assert not covers("a/evt/TicketCalled", "a/evt/+")
    assert not covers("a/evt/+", "a/#")
