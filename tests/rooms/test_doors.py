"""The pieces every door is made of: who may knock, how often, what a log-in is, what a stream may hold."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from brokers import free_port
from hypothesis import given
from hypothesis import strategies as st
from waiting import until

from controller.shell.reading import LOOKS_A_TURN, LOOKS_WAITING, Reading, TooManyLook
from hall.faults import PlanError
from transport.doors import Allowances, Guard, Streams, application, listening, sender
from transport.doors.guarding import counted
from transport.doors.limiting import SENDERS_MAX
from transport.doors.sessions import IDLE_S, LIFE_S, TOKEN_HEADER, Session, Sessions, give_cookie, take_cookie

HOST = "127.0.0.1"


@asynccontextmanager
async def a_door(
    *, allowances: Allowances | None = None, handlers: dict[str, Any] | None = None, **guard: Any
) -> AsyncIterator[str]:
    """A door with a few handlers; its address."""
    port = free_port()
    app = application(Guard.of(HOST, port, **guard), allowances or Allowances())

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text=sender(request))

    async def broken(_: web.Request) -> web.Response:
        raise RuntimeError("the secret of our inside")

    for path, handler in ({"/": hello, "/broken": broken} | (handlers or {})).items():
        app.router.add_route("*", path, handler)
    async with listening(app, HOST, port):
        yield f"http://{HOST}:{port}"


async def ask(url: str, method: str = "GET", **more: Any) -> tuple[int, str, Any]:
    async with aiohttp.request(method, url, **more) as answer:
        return answer.status, await answer.text(), answer.headers


# -- who may knock -------------------------------------------------------------------------------------------------


async def test_only_the_doors_own_names_open_it() -> None:
    async with a_door(public="https://hall.example/queue") as door:
        port = door.rpartition(":")[2]
        for host in (f"{HOST}:{port}", f"localhost:{port}", f"LOCALHOST:{port}", "hall.example"):
            assert (await ask(door, headers={"Host": host}))[0] == 200, host
        for host in (HOST, "hall.example:81", "hall.example.evil.org", f"evil.org:{port}", "", f"[::2]:{port}"):
            assert (await ask(door, headers={"Host": host}))[0] == 403, host
        for origin in (door, f"http://localhost:{port}", "https://hall.example"):
            assert (await ask(door, headers={"Origin": origin}))[0] == 200, origin
        for origin in ("null", "", "http://hall.example", f"https://{HOST}:{port}", "https://hall.example.evil.org"):
            assert (await ask(door, headers={"Origin": origin}))[0] == 403, origin


async def test_a_fault_of_ours_tells_an_id_and_nothing_else() -> None:
    async with a_door() as door:
        status, text, headers = await ask(f"{door}/broken")
        assert status == 500 and text.startswith("500 internal server error\nrequest ")
        assert "secret" not in text and "Traceback" not in text
        assert headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"


async def test_a_taken_address_is_named() -> None:
    async with a_door() as door:
        port = int(door.rpartition(":")[2])
        with pytest.raises(PlanError, match=f"{HOST}:{port}"):
            async with listening(application(Guard.of(HOST, port), Allowances()), HOST, port):
                raise AssertionError("two listen on one address")


async def test_nobody_but_a_proxy_of_ours_may_speak_for_a_sender() -> None:
    named = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    async with a_door() as door:
        assert (await ask(door, headers=named))[1] == HOST
    async with a_door(proxies=(HOST,)) as door:
        assert (await ask(door, headers=named))[1] == "198.51.100.7"
        assert (await ask(door))[1] == HOST
        assert (await ask(door, headers={"X-Forwarded-For": "<script>"}))[1] == "?"


@given(st.text(max_size=60))
def test_any_text_is_counted_for_somebody(text: str) -> None:
    assert counted(text)


def test_one_host_is_one_sender() -> None:
    assert counted("2001:db8:1:2::1") == counted("2001:db8:1:2:ffff::9") != counted("2001:db8:1:3::1")
    assert counted("::ffff:10.0.0.1") == counted("10.0.0.1")
    assert counted("fe80::1%eth0") == counted("fe80::2")


# -- how often -----------------------------------------------------------------------------------------------------


async def test_who_asks_too_often_is_told_to_wait() -> None:
    async with a_door(allowances=Allowances(requests_per_s=0.001, burst=4)) as door, aiohttp.ClientSession() as http:
        statuses = []
        for _ in range(4):
            async with http.get(door) as answer:
                statuses.append((answer.status, answer.headers.get("Retry-After")))
        assert statuses == [(200, None)] * 3 + [(429, "5")], "a connection counts as one"
        with pytest.raises(aiohttp.ClientError):
            await ask(door)  # not even a connection any more


async def test_connections_are_bounded_for_one_and_for_all() -> None:
    allowances = Allowances(per_sender=3, connections=5)
    async with a_door(allowances=allowances) as door:
        port = int(door.rpartition(":")[2])
        held = [await asyncio.open_connection(HOST, port) for _ in range(3)]
        await until(lambda: allowances.open[HOST] == 3)
        reader, writer = await asyncio.open_connection(HOST, port)
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        held.pop()[1].close()
        await until(lambda: allowances.open[HOST] == 2)
        assert (await ask(door))[0] == 200
        for _, writer in held:
            writer.close()
        await until(lambda: not allowances.open)
    assert not allowances.connection("a", 0.0, trusted=False) or allowances.open["a"] == 1


def test_one_sender_never_takes_anothers_share() -> None:
    allowances = Allowances(requests_per_s=1, burst=2)
    assert [allowances.request("a", 0.0) for _ in range(3)] == [True, True, False]
    assert allowances.request("b", 0.0)
    assert allowances.request("a", 1.5)
    for n in range(SENDERS_MAX * 2):
        allowances.request(f"x{n}", 2.0)
    assert len(allowances._buckets) == SENDERS_MAX


def test_all_together_never_take_what_the_hall_needs() -> None:
    allowances = Allowances(all_per_s=10, all_burst=20)
    assert sum(allowances.request(f"x{n}", 0.0) for n in range(100)) == 20
    assert sum(allowances.request(f"y{n}", 1.0) for n in range(100)) == 10
    assert allowances.turned_away == {"requests": 170}


# -- log-ins -------------------------------------------------------------------------------------------------------


class Now:
    """A clock of seconds that a test moves."""

    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


def opened(sessions: Sessions, who: str = "9001", before: str = "") -> tuple[str, Session]:
    made = sessions.open(who, "supervisor", before=before)
    assert made is not None
    return made


def test_a_log_in_ends_when_idle_and_at_the_end_of_a_shift() -> None:
    now = Now()
    sessions = Sessions(now_s=now)
    idle, _ = opened(sessions)
    now.s += IDLE_S
    assert sessions.find(idle) is not None
    now.s += IDLE_S
    assert sessions.holds(idle) and sessions.has("9001", "")
    now.s += 1
    assert not sessions.holds(idle) and not sessions.has("9001", ""), "looking was a sign of life"
    assert sessions.find(idle) is None and len(sessions) == 0
    busy, _ = opened(sessions)
    for _ in range(LIFE_S // IDLE_S):
        now.s += IDLE_S
        assert sessions.find(busy) is not None
    now.s += 1
    assert sessions.find(busy) is None


def test_every_log_in_has_a_new_id_and_the_old_one_is_nobodys() -> None:
    sessions = Sessions()
    first, session = opened(sessions)
    second, again = opened(sessions, before=first)
    assert len(first) >= 43 and first != second and session.token != again.token
    assert sessions.find(first) is None and sessions.find(second) is again
    assert first not in repr(sessions._sessions) and second not in repr(sessions._sessions), "ids are kept as hashes"
    for made in ("", "x", second + "x", "\ud800"):
        assert sessions.find(made) is None
    sessions.close_of("9001")
    assert sessions.find(second) is None


def test_log_ins_are_bounded_and_old_ones_make_room() -> None:
    now = Now()
    sessions = Sessions(most=3, now_s=now)
    for _ in range(3):
        opened(sessions)
    assert sessions.open("9001", "supervisor") is None
    now.s += IDLE_S + 1
    assert sessions.open("9001", "supervisor") is not None


async def test_an_unsafe_request_needs_the_token_of_its_session() -> None:
    sessions = Sessions()

    async def enter(_: web.Request) -> web.Response:
        made, session = opened(sessions)
        response = web.Response(text=session.token)
        give_cookie(response, made, secure=False)
        return response

    async def act(request: web.Request) -> web.Response:
        return web.Response(text=sessions.asking(request).who)

    async def leave(request: web.Request) -> web.Response:
        response = web.Response()
        take_cookie(response, secure=False)
        return response

    jar = aiohttp.CookieJar(unsafe=True)  # of an address, not a name
    handlers = {"/enter": enter, "/act": act, "/leave": leave}
    async with a_door(handlers=handlers) as door, aiohttp.ClientSession(cookie_jar=jar) as http:

        async def at(method: str, path: str, token: str = "") -> tuple[int, str, str]:
            headers = {TOKEN_HEADER: token} if token else {}
            async with http.request(method, door + path, headers=headers) as answer:
                return answer.status, await answer.text(), answer.headers.get("Set-Cookie", "")

        assert (await at("GET", "/act"))[0] == 401
        _, token, cookie = await at("POST", "/enter")
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and token not in cookie
        assert (await at("GET", "/act"))[0] == 200
        assert (await at("POST", "/act"))[0] == 403
        assert (await at("POST", "/act", token + "x"))[0] == 403
        assert (await at("POST", "/act", "\xff"))[0] == 403
        assert (await at("POST", "/act", token))[1] == "9001"
        await at("POST", "/leave")
        assert (await at("GET", "/act"))[0] == 401


# -- streams -------------------------------------------------------------------------------------------------------


async def test_a_stream_tells_whole_states_and_ends_with_its_subject() -> None:
    streams, state = Streams(), {"now": b"1"}

    async def live(request: web.Request) -> web.StreamResponse:
        async def newest() -> bytes | None:
            return state["now"] or None

        return await streams.pour(request, sender(request), "A0001", newest)

    async with a_door(handlers={"/live": live}) as door:
        async with aiohttp.ClientSession() as http, http.get(f"{door}/live") as answer:
            assert await answer.content.readuntil(b"\n\n") == b"data: 1\n\n"
            streams.stir("A0002")
            state["now"] = b"2"
            streams.stir("A0001")
            assert await answer.content.readuntil(b"\n\n") == b"data: 2\n\n"
            state["now"] = b""
            streams.stir("A0001")
            assert await asyncio.wait_for(answer.content.read(), 5) == b""
        await until(lambda: len(streams) == 0 and not streams._ears)


async def test_streams_are_bounded_for_one_and_for_all() -> None:
    streams = Streams(most=3, per_sender=2)

    async def live(request: web.Request) -> web.StreamResponse:
        async def newest() -> bytes:
            return b"1"

        return await streams.pour(request, request.headers["Who"], "A0001", newest)

    async with a_door(handlers={"/live": live}) as door, aiohttp.ClientSession() as http:
        held = [await http.get(f"{door}/live", headers={"Who": who}) for who in ("a", "a", "a", "b", "c")]
        assert [answer.status for answer in held] == [200, 200, 503, 200, 503]
        for answer in held:
            answer.close()
        await until(lambda: len(streams) == 0)
        async with http.get(f"{door}/live", headers={"Who": "c"}) as answer:
            assert answer.status == 200


# -- durable moments -----------------------------------------------------------------------------------------------


async def test_nobody_sees_what_is_not_durable() -> None:
    reading, state = Reading(), ["durable"]
    assert await reading.look(lambda: state[-1]) == "durable"
    reading.begin()
    state.append("not yet")
    looks = [asyncio.create_task(reading.look(lambda: state[-1])) for _ in range(LOOKS_A_TURN * 2 + 3)]
    gone = asyncio.create_task(reading.look(lambda: state[-1]))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    assert not any(look.done() for look in looks)
    state.append("durable too")
    reading.over()
    assert set(await asyncio.wait_for(asyncio.gather(*looks), 5)) == {"durable too"}


async def test_a_look_that_fails_is_the_lookers_own_trouble() -> None:
    reading = Reading()
    reading.begin()
    wrong = asyncio.create_task(reading.look(lambda: 1 // 0))
    right = asyncio.create_task(reading.look(lambda: 1))
    await asyncio.sleep(0)
    reading.over()
    with pytest.raises(ZeroDivisionError):
        await wrong
    assert await right == 1


async def test_looks_that_wait_are_bounded() -> None:
    reading = Reading()
    reading.begin()
    looks = [asyncio.create_task(reading.look(lambda: 1)) for _ in range(LOOKS_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyLook):
        await reading.look(lambda: 1)
    reading.over()
    assert sum(await asyncio.gather(*looks)) == LOOKS_WAITING


async def test_a_hall_that_never_rests_is_still_seen() -> None:
    """Transactions back to back, without a moment between: whoever looks is answered at their ends."""
    reading = Reading()

    async def keeper() -> None:
        for _ in range(50):
            reading.begin()
            await asyncio.sleep(0)
            reading.over()

    busy = asyncio.create_task(keeper())
    await asyncio.sleep(0)
    assert await asyncio.gather(*(reading.look(lambda: not busy.done()) for _ in range(100)))
    await busy
