"""Log lines: whatever foreign text is in them, a line is one printable line; and log-in files."""

from __future__ import annotations

import asyncio
import io
import logging
from pathlib import Path

import msgspec
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from hall.faults import PlanError
from hall.plan import load
from hall.plan.model import Broker, Plan
from transport import logs
from transport.clock import Clock
from transport.logins import login_of
from transport.running import _told_by_nobody

ROOT = Path(__file__).resolve().parents[2]
NASTY = "\x1b[2J\r\n2026-11-23T00:00:00Z error forged: \u202egnp.exe \x9b31m \ud800 \U0001f600 <script> [red] 窗口"


@pytest.fixture
def lines() -> io.StringIO:
    stream = io.StringIO()
    logs.set_up("info", Clock(0, 0, 1, read_ms=lambda: 917_827_200_000), stream)
    return stream


@pytest.fixture(autouse=True)
def _as_before() -> object:
    yield
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], level=logging.WARNING, force=True)


def test_a_line(lines: io.StringIO) -> None:
    structlog.get_logger("kiosk").warning("printer down", printer="kiosk-A-K1", why="no paper", tries=3, empty="")
    assert lines.getvalue() == (
        '1999-02-01T00:00:00.000Z warning kiosk: printer down printer=kiosk-A-K1 why="no paper" tries=3 empty=""\n'
    )


def test_foreign_text_is_inert(lines: io.StringIO) -> None:
    structlog.get_logger("x").info(NASTY, name=NASTY, raw=NASTY.encode(errors="replace"), quote='" forged="1')
    logging.getLogger("library").error("%s", NASTY)
    ours, theirs = lines.getvalue().splitlines()
    for line in (ours, theirs):
        assert line.isprintable()
        assert r"\x1b[2J\r\n2026" in line and r"\u202e" in line and "窗口" in line and "😀" in line
    assert r'quote="\" forged=\"1"' in ours
    assert theirs.startswith("1999-02-01T00:00:00.000Z error   library: ")


@given(st.text())
def test_any_text_at_all(text: str) -> None:
    stream = io.StringIO()
    logs.set_up("debug", Clock(), stream)
    try:
        raise ValueError(text)
    except ValueError as fault:
        structlog.get_logger(text).error(text, key=text, exc_info=fault)
    line = stream.getvalue()
    assert line.endswith("\n") and line[:-1].isprintable()
    line.encode()


def test_long_values_are_cut(lines: io.StringIO) -> None:
    structlog.get_logger("x").info("e" * 10_000, key="v" * 1_000_000)
    assert len(lines.getvalue()) < 3 * logs.VALUE_MAX


def test_levels_and_libraries(lines: io.StringIO) -> None:
    structlog.get_logger("x").debug("not told")
    logging.getLogger("library").info("not told")
    assert lines.getvalue() == ""


def test_a_stream_nobody_reads_hurts_nobody() -> None:
    class Broken(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    logs.set_up("info", Clock(), Broken())
    structlog.get_logger("x").error("into the void")


def test_what_nobody_waited_for_is_told_unless_it_was_cancelled(lines: io.StringIO) -> None:
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_told_by_nobody)
    loop.call_exception_handler({"message": "a callback", "exception": asyncio.CancelledError()})
    assert lines.getvalue() == ""
    loop.call_exception_handler({"message": "a callback", "exception": ValueError("x")})
    assert "error   process: a callback fault=" in lines.getvalue()
    loop.close()


# -- log-in ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load((ROOT / "halls" / "kaiyang.toml").read_text(encoding="utf-8"), "kaiyang.toml", None)


def _with(plan: Plan, password_file: str, user: str = "rooms") -> Plan:
    broker = Broker(kind="external", host="h", port=1883, user=user, password_file=password_file)
    return msgspec.structs.replace(plan, broker=broker)


@pytest.mark.parametrize(
    ("text", "user", "password"),
    [
        ("secret\n", "rooms", "secret"),
        ("# rooms\n\nkiosk-A-K1:one:with colon\nrooms:two\n", "kiosk-A-K1", "one:with colon"),
        ("kiosk-B-K1:one\nrooms:two\n", "rooms", "two"),
    ],
)
def test_password_files(plan: Plan, tmp_path: Path, text: str, user: str, password: str) -> None:
    (tmp_path / "passwords").write_text(text)
    login = login_of(_with(plan, "passwords"), "kiosk-A-K1", tmp_path)
    assert (login.user, login.password) == (user, password)
    assert password not in repr(login)


@pytest.mark.parametrize("text", [None, "", "kiosk-B-K1:one\nkiosk-B-K2:two\n", "one\ntwo\n"])
def test_password_files_that_do_not_serve(plan: Plan, tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "passwords").write_text(text)
    with pytest.raises(PlanError, match="password_file"):
        login_of(_with(plan, "passwords"), "kiosk-A-K1", tmp_path)


def test_no_login(plan: Plan, tmp_path: Path) -> None:
    assert login_of(_with(plan, "", ""), "x", tmp_path).user == ""
