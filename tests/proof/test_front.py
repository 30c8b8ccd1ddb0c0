"""The generated nginx before the staff's and the public's door: it takes the files of every plan, and people get in."""

from __future__ import annotations

import asyncio
import re
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
import pytest
from brokers import Mosquitto, a_mosquitto, free_port
from browsers import a_browser
from fronted import a_front, installed
from phones import Phones
from playwright.async_api import expect
from sample_plans import SAMPLES, compiled
from staffdoors import GUIDE, StaffDesk, desks
from window_halls import a_hall

from cli.firmware import fronts
from hall import plan as plans
from hall.plan.model import Plan
from transport.doors.sessions import COOKIE


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """Each hall its own: the words of one that has gone would stand for the next."""
    with a_mosquitto(tmp_path / "broker") as one:
        yield one


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_nginx_takes_the_files_of_every_plan(path: Path, tmp_path: Path) -> None:
    plan = compiled(path.read_text(encoding="utf-8")).plan
    assert plan is not None
    command = installed(plan, tmp_path / "front")
    done = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr
    conf = tmp_path / "front/onewindow.conf"
    conf.write_text(conf.read_text().replace("proxy_pass", "proxy_past"))
    done = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0, "the same check sees a line that means nothing"


def fronted(plan: Plan) -> Plan:
    """As install.md tells a person to write it, at localhost."""
    replace, hall = msgspec.structs.replace, plan.halls["A"]
    door = replace(hall.staff_door, port=free_port(), url=f"https://localhost:{free_port()}")
    site = replace(plan.site, status_url=f"https://localhost:{free_port()}/hall")
    doors = replace(plan.doors, public_port=free_port(), proxies=("127.0.0.1",))
    return replace(plan, site=site, doors=doors, halls=plan.halls | {"A": replace(hall, staff_door=door)})


@asynccontextmanager
async def a_fronted_hall(broker: Mosquitto, folder: Path) -> AsyncIterator[tuple[StaffDesk, str, str]]:
    """The hall, the staff's address through nginx, and the authority to believe."""
    async with a_hall(broker, folder, desks()) as hall:
        hall.plan = fronted(hall.plan)
        (hall.var / "plan.json").write_bytes(plans.to_json(hall.plan))  # the rooms start behind it
        with a_front(hall.plan, folder / "front") as ca_file:
            await hall.start("controller")
            await hall.start("staff")
            desk = StaffDesk(hall)
            await met(desk)
            yield desk, hall.plan.halls["A"].staff_door.url, ca_file


async def met(desk: StaffDesk) -> None:
    """Until the door has heard its hall: on a busy machine later than it is open."""
    async with asyncio.timeout(30):
        while (await desk.ask("POST", "window/A02/login", staff="1002"))[0] != 200:
            await asyncio.sleep(0.5)


async def test_staff_log_in_through_it_and_citizens_see_their_ticket(broker: Mosquitto, tmp_path: Path) -> None:
    async with a_fronted_hall(broker, tmp_path) as (desk, url, _), a_browser() as browser:
        context = await browser.new_context(ignore_https_errors=True)
        page = await context.new_page()
        await page.goto(f"{url}/guide/A")
        await page.fill("#staff", GUIDE)
        await page.fill("#password", desk.password(GUIDE))
        await page.keyboard.press("Enter")
        await expect(page.locator(".entry")).to_have_count(3)
        [cookie] = [one for one in await context.cookies() if one["name"] == COOKIE]
        assert cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] == "Strict"

        [number] = await desk.hall.issue()
        phone = await context.new_page()
        await phone.goto(Phones(desk.hall).link(number))
        assert phone.url.startswith(desk.hall.plan.site.status_url)
        await expect(phone.locator("body")).to_contain_text(number)


async def test_what_happens_passes_at_once_and_strangers_do_not(broker: Mosquitto, tmp_path: Path) -> None:
    async with a_fronted_hall(broker, tmp_path) as (desk, url, ca_file):
        believes = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=ca_file))
        async with aiohttp.ClientSession(connector=believes, cookie_jar=aiohttp.CookieJar()) as http:
            for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
                async with http.post(f"{url}/window/A01/login", json={"staff": "1001"}, headers=headers) as answer:
                    assert answer.status == 403
            async with http.post(f"{url}/window/A01/login", json={"staff": "1001"}, headers={"Origin": url}) as answer:
                assert answer.status == 200, await answer.text()
            async with http.get(f"{url}/window/A01/live") as live:
                assert re.match("text/event-stream", live.headers["Content-Type"])
                await live.content.readline()
                await desk.hall.issue()
                async for line in live.content:  # bounded by the test's own time: behind a buffer it would not come
                    if b'"waiting":1' in line.replace(b" ", b""):
                        break


def test_a_plan_without_addresses_gets_the_usual_ones() -> None:
    plan = desks()
    [staff] = fronts.staff(plan)
    assert (staff.url, fronts.public(plan).url) == ("https://hall-server.lan:8443", "https://hall-server.lan")
