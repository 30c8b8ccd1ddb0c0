"""Disks that fail in every way: a safe stop that says why and what to do, or service; never silence or another story.

tests/rooms/test_journal.py has the single cases; here it is every byte of the log, the mark and the file, disks that
are really full, calls that really fail (libfiu), and the process a supervisor sees (F3-F10).
"""

from __future__ import annotations

import asyncio
import errno
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from brokers import Mosquitto
from controllers import a_controller, an_asker, two_halls
from keeping import a_kept_hall
from power.giving import STOPPED
from waiting import until

from controller.shell.anchor import SLOT
from controller.shell.journal import Journal, Row, connect
from hall import codec
from hall.faults import JournalFault

HOUSE = Path(__file__).parents[2]
PATHS = os.pathsep.join(str(HOUSE / path) for path in ("", "tests/support", "tests/proof"))
ENVIRONMENT = {**os.environ, "PYTHONPATH": PATHS}
NEXT_STEP = ("put back", "Put back", "start the newer", "start with another", "Free space", "move it away", "stop that")


# -- every byte ----------------------------------------------------------------------------------------------------


async def a_morning(var: Path, tickets: int = 25) -> list[bytes]:
    """A day as a power cut would leave it, the log still beside the database; its story."""
    live = var.with_name("live")
    async with a_kept_hall(live) as hall:
        hall.journal._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for _ in range(tickets):
            await hall.issue()
        shutil.copytree(live, var)
        rows = hall.journal._db.execute("SELECT body FROM events ORDER BY seq").fetchall()
    shutil.rmtree(live)
    return [body for (body,) in rows]


async def opened(var: Path) -> list[bytes] | str:
    """The story a start would go on with, or why it refuses."""
    try:
        journal = Journal(var, "test", "A")
    except JournalFault as fault:
        return str(fault)
    try:
        return [codec.encode(record) for record in await journal.open()]
    except JournalFault as fault:
        return str(fault)
    finally:
        await journal.close()


def flip(data: bytes, dice: random.Random) -> bytes:
    bad = bytearray(data)
    bad[dice.randrange(len(bad))] ^= 1 << dice.randrange(8)
    return bytes(bad)


def cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


WHERE = {"log": "journal/test-A.db-wal", "database": "journal/test-A.db", "mark": "anchor/test-A.anchor"}


@pytest.mark.parametrize("damage", [flip, cut])
@pytest.mark.parametrize("where", WHERE)
async def test_no_flip_and_no_cut_tells_another_story(
    tmp_path: Path, where: str, damage: Callable[[bytes, random.Random], bytes]
) -> None:
    """Refused, saying what to do next, or the whole story and nothing else."""
    story = await a_morning(tmp_path / "good")
    dice, var, refused = random.Random(f"{where} {damage.__name__}"), tmp_path / "bad", 0
    for _ in range(150):
        shutil.rmtree(var, ignore_errors=True)
        shutil.copytree(tmp_path / "good", var)
        file = var / WHERE[where]
        file.write_bytes(damage(file.read_bytes(), dice))
        found = await opened(var)
        if isinstance(found, str):
            refused += 1
            assert any(step in found for step in NEXT_STEP), found
        else:
            assert found == story
    assert refused > 0 or where == "mark", "the damage hits what matters"


async def test_a_mark_of_rubbish_is_refused_and_says_how_to_go_on(tmp_path: Path) -> None:
    await a_morning(tmp_path / "var")
    (tmp_path / "var" / WHERE["mark"]).write_bytes(b"\xff" * 2 * SLOT)
    assert "move it away" in str(await opened(tmp_path / "var"))


# -- disks that are full, calls that fail --------------------------------------------------------------------------


def give(var: Path, count: int, *before: str) -> subprocess.CompletedProcess[str]:
    """The hall of power/giving.py, behind a command that spoils its disk."""
    command = [*before, sys.executable, "-m", "power.giving", str(var), str(count)]
    return subprocess.run(
        command, cwd=HOUSE, env=ENVIRONMENT, capture_output=True, text=True, timeout=100, check=False
    )  # fmt: skip


def said(done: subprocess.CompletedProcess[str], word: str) -> list[str]:
    return [line.split(" ", 1)[1] for line in done.stdout.splitlines() if line.startswith(word + " ")]


def may_mount() -> bool:
    """Whether this machine lets us have a file system of our own; many containers do not."""
    try:
        done = subprocess.run([*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


NAMESPACE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
FULL = ["injected", *(["tmpfs"] if may_mount() else [])]  # the same is proven either way


def _on_a_tmpfs(disk: Path) -> tuple[str, str]:
    """A file system of 700 KiB, filled to the brim, then with room again; what the two halls said."""
    script = f"""
        mount -t tmpfs -o size=700k tmpfs {disk} && head -c 150000 /dev/zero >{disk}/other
        {sys.executable} -m power.giving {disk}/var 5000; echo "code $?"
        rm {disk}/other
        {sys.executable} -m power.giving {disk}/var 3; echo "code $?"
    """
    done = subprocess.run(
        [*NAMESPACE, "sh", "-c", script], cwd=HOUSE, env=ENVIRONMENT, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip
    first, code, second = done.stdout.partition("code ")
    return first + code + second[:2], second[2:]


def _injected(disk: Path) -> tuple[str, str]:
    """Every write says that the disk is full, from the thirtieth number on; then it has room again."""
    control = disk / "fiu"
    command = ["fiu-run", "-x", "-f", str(control), sys.executable, "-m", "power.giving", str(disk / "var"), "5000"]
    first = ""
    with subprocess.Popen(command, cwd=HOUSE, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as giving:
        assert giving.stdout is not None
        for line in giving.stdout:
            first += line
            if first.count("told") == 30 and line.startswith("told"):
                order = f"enable name=posix/io/rw/pwrite*,failinfo={errno.ENOSPC}"
                subprocess.run(["fiu-ctrl", "-f", str(control), "-c", order, str(giving.pid)], check=True, timeout=60)
    again = give(disk / "var", 3)
    return f"{first}code {giving.returncode}\n", f"{again.stdout}code {again.returncode}\n"


@pytest.mark.parametrize("how", FULL)
def test_a_full_disk_stops_the_hall_and_more_room_lets_it_go_on(how: str, tmp_path: Path) -> None:
    """It says so, and what to do; nobody's number is lost over it (F5)."""
    first, second = {"tmpfs": _on_a_tmpfs, "injected": _injected}[how](tmp_path)
    assert (f"code {STOPPED}" in first, "code 0" in second) == (True, True), first[-500:] + second[-500:]
    [why] = [line for line in first.splitlines() if line.startswith("stopped ")]
    assert "Free space" in why and "full" in why
    told = [line.split()[1] for line in first.splitlines() if line.startswith("told")]
    has = [line.split()[1] for line in second.splitlines() if line.startswith("has")]
    assert len(told) > 20
    assert set(told) <= set(has), "nothing told is lost"


@pytest.mark.parametrize("call", ["posix/io/rw/pwrite", "posix/io/sync/fsync", "posix/io/sync/fdatasync"])
def test_calls_that_fail_stop_the_hall_and_lose_nothing_told(tmp_path: Path, call: str) -> None:
    """One call in fifty fails with EIO or the like (F6); the hall is started again and again on what is there."""
    told: list[str] = []
    stopped = 0
    for round_ in range(6):
        names = f"name={call}*,probability=0.02" if call.endswith("pwrite") else f"name={call},probability=0.02"
        done = give(tmp_path, 60, "fiu-run", "-x", "-c", f"enable_random {names}")
        assert done.returncode in (0, STOPPED), f"round {round_}: {done.stdout[-300:]}{done.stderr[-1500:]}"
        assert set(told) <= set(said(done, "has")) or not said(done, "has"), "nothing told is lost"
        told += said(done, "told")
        stopped += done.returncode == STOPPED
        for why in said(done, "stopped"):
            assert any(step in why for step in NEXT_STEP), why
    whole = give(tmp_path, 1)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert set(told) <= set(said(whole, "has"))
    assert len(set(told)) == len(told), "no number twice"
    assert stopped or call.endswith("fsync"), "the calls failed"


# -- what the process says -----------------------------------------------------------------------------------------


def _cut_log(var: Path) -> None:
    wal = var / "journal" / "test-A.db-wal"
    wal.write_bytes(wal.read_bytes()[:100])


def _yesterday(var: Path) -> None:
    shutil.copy(var.with_name("yesterday") / "journal" / "test-A.db", var / "journal" / "test-A.db")
    (var / "journal" / "test-A.db-wal").unlink(missing_ok=True)


def _newer(var: Path) -> None:
    with sqlite3.connect(var / "journal" / "test-A.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()


def _newer_record(var: Path) -> None:
    newer = connect(var / "journal" / "test-A.db")
    seq = newer.execute("SELECT max(seq) FROM events").fetchone()[0] + 1
    each = Row(seq, "2026-11-23", 1, "Future", "x", None, 99, b'{"v":99}')
    from controller.shell.journal import write

    write(newer, [each], newer.execute("SELECT hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()[0])
    newer.close()


def _other_hall(var: Path) -> None:
    for end in ("", "-wal", "-shm"):
        (var / "journal" / f"test-A.db{end}").unlink(missing_ok=True)
    shutil.copy(var.with_name("yesterday") / "journal" / "test-B.db", var / "journal" / "test-A.db")


def _gone(var: Path) -> None:
    for end in ("", "-wal", "-shm"):
        (var / "journal" / f"test-A.db{end}").unlink(missing_ok=True)


def _half(var: Path) -> None:
    file = var / "journal" / "test-A.db"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _mark(var: Path) -> None:
    (var / "anchor" / "test-A.anchor").write_bytes(b"\xff" * 2 * SLOT)


@pytest.mark.parametrize("wound", [_cut_log, _yesterday, _newer, _newer_record, _other_hall, _gone, _half, _mark])
async def test_a_hall_whose_journal_cannot_be_trusted_says_so_and_what_to_do(
    tmp_path: Path, a_broker: Mosquitto, wound: Callable[[Path], None]
) -> None:
    """It stands on the bus that this hall gives no numbers, the log says why and what next; the other hall goes on."""
    plan, var = two_halls(a_broker), tmp_path / "var"
    async with a_controller(plan, var) as controller:
        async with an_asker(a_broker, controller, "kiosk-A-K1") as kiosk:
            await kiosk.issue()
            await controller.stop()
            shutil.copytree(var, tmp_path / "yesterday")
            await controller.start()
            for _ in range(5):
                await kiosk.issue()
        await controller.kill()
        (var / "log").write_text("")
        wound(var)
        await controller.start()
        async with an_asker(a_broker, controller, "kiosk-A-K1") as a, an_asker(a_broker, controller, "x", "B") as b:
            await until(lambda: a.hall_view() is not None and not a.hall_view().ready, what="not ready")  # type: ignore[union-attr]
            await until(lambda: b.hall_view() is not None and b.hall_view().ready, what="B ready")  # type: ignore[union-attr]
        told = [line for line in controller.log().splitlines() if "hall not kept" in line]
        assert len(told) == 1
        assert any(step in told[0] for step in NEXT_STEP), told[0]
        assert "Traceback" not in controller.log()


async def test_a_controller_without_a_disk_ends_and_what_it_told_stands(tmp_path: Path, a_broker: Mosquitto) -> None:
    """No file may grow any more, under a running controller: it stops by itself and says why (F5, I29)."""
    import resource

    plan, var = two_halls(a_broker, letters_per_s=2000, letters_burst=2000), tmp_path / "var"
    async with a_controller(plan, var) as controller, an_asker(a_broker, controller, "kiosk-A-K1") as kiosk:
        told = [await kiosk.issue()]
        size = (var / "journal" / "test-A.db-wal").stat().st_size + 200_000
        resource.prlimit(controller.process.pid, resource.RLIMIT_FSIZE, (size, size))
        asking = asyncio.create_task(_ask_on(kiosk, told))
        assert await controller.ended(60) == 1
        asking.cancel()
        assert "Free space" in controller.log()
        await controller.start()
        known = {ticket for (ticket,) in controller.rows("SELECT ticket FROM events WHERE what = 'TicketIssued'")}
        assert len(told) > 2
        assert set(told) <= known


async def _ask_on(kiosk: object, told: list[str]) -> None:
    while True:
        told.append(await kiosk.issue(within_s=30))  # type: ignore[attr-defined]
