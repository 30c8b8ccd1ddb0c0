"""The staff's door of a hall for a test: its pages' addresses, its answers over HTTP, its log-ins.

async with a_staffed_hall(a_broker, tmp_path) as desk:
    entered = await desk.login("window/A01", staff="1001")
    await desk.post("window/A01/press", entered, id="press-0001", word="CallNext")
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from brokers import Mosquitto
from window_halls import SMALL, WindowHall, a_hall, small

from hall.plan.model import Plan

TOKEN = "X-Onewindow-Token"
GUIDE, GUIDE_ELSEWHERE = "8001", "8002"
DESKS = """
[priority.classes.elderly]
name = "老年人"

[[staff]]
ids = ["8001-8002"]
role = "guide"

[units.consulting]
name = "咨询"

[halls.A.queues.consulting]
prefix = "AZ"
units = ["consulting"]

[[halls.A.entries]]
id = "consulting"
page = "points"
"""


class Entered(NamedTuple):
    """A log-in: what the page was told, and the cookie the browser holds."""

    token: str
    cookies: dict[str, str]
    evaluator: str


class StaffDesk:
    """Hall A's staff door, and the hall behind it."""

    def __init__(self, hall: WindowHall) -> None:
        door = hall.plan.halls["A"].staff_door
        self.hall, self.base = hall, f"http://127.0.0.1:{door.port}"

    def password(self, staff: str) -> str:
        words = (self.hall.var / "keys/first-passwords.txt").read_text().split()
        return words[words.index(staff) + 1]

    async def ask(
        self, method: str, path: str, entered: Entered | None = None, headers: dict[str, str] | None = None, **body: Any
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, body and cookies of one request, as a page sends it."""
        told = {TOKEN: entered.token, **(headers or {})} if entered else headers or {}
        cookies = entered.cookies if entered else {}
        async with (
            aiohttp.ClientSession(cookies=cookies) as http,
            http.request(method, f"{self.base}/{path}", json=body if method == "POST" else None, headers=told) as came,
        ):
            text = await came.text()
            given = {name: morsel.value for name, morsel in came.cookies.items()}
            found = json.loads(text) if came.content_type == "application/json" else text
            return came.status, found, given

    async def login(self, place: str, **asked: str) -> Entered:
        status, me, cookies = await self.ask("POST", f"{place}/login", **asked)
        assert status == 200, me
        return Entered(me["token"], cookies, me["evaluator"])

    async def post(self, path: str, entered: Entered, **body: Any) -> dict[str, Any]:
        status, answer, _ = await self.ask("POST", path, entered, **body)
        assert status == 200 and not answer["refused"], (status, answer)
        return dict(answer)


def desks(**options: Any) -> Plan:
    """The small hall with guides, a priority class and a consulting point; nothing waits for a guard."""
    place = "[halls.A.queues]"
    text = SMALL.replace(place, DESKS.partition("[halls.A.queues.consulting]")[0] + place)
    rest = DESKS.partition("[halls.A.queues.consulting]")
    point = '\n[[halls.A.windows]]\nids = ["A05"]\nunits = ["consulting"]\nstaff = ["1005"]\n'
    quick = {"guard_s": 0, "no_show_after_s": 0, "no_show_after_calls": 1}
    return small(text + "\n" + rest[1] + rest[2] + point, **{**quick, **options})


@asynccontextmanager
async def a_staffed_hall(broker: Mosquitto, folder: Path, **options: Any) -> AsyncIterator[StaffDesk]:
    """The controller, the panels and the staff's pages of hall A."""
    async with a_hall(broker, folder, desks(**options)) as hall:
        await hall.start("controller")
        await hall.start("displays", "staff")
        yield StaffDesk(hall)
