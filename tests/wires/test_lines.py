"""Lines and their attendance on real ptys and sockets: cables pulled, partial writes, floods, and coming back."""

from __future__ import annotations

import asyncio
import os
import pty
import socket
import tty
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from brokers import free_port
from waiting import until

from hall.faults import LineDown, PlanError
from transport import attend
from transport.attend import OUTGOING_MAX, Attended
from transport.lines import Line, open_line


class FarEnd:
    """The other end of a pty, under a name in <state_dir>/lines."""

    def __init__(self, state_dir: Path, name: str) -> None:
        self.path = state_dir / "lines" / name
        self.path.parent.mkdir(exist_ok=True)
        self.plug()

    def plug(self) -> None:
        self.fd, far = pty.openpty()
        tty.setraw(far)
        self.path.symlink_to(os.ttyname(far))
        os.close(far)
        os.set_blocking(self.fd, False)

    def pull(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
            self.path.unlink()

    def got(self) -> bytes:
        try:
            return os.read(self.fd, 65536)
        except (BlockingIOError, OSError):
            return b""


@pytest.fixture
def far(tmp_path: Path) -> Iterator[FarEnd]:
    end = FarEnd(tmp_path, "keypads-A-1")
    yield end
    end.pull()


async def test_pty_carries_every_byte_as_it_is(tmp_path: Path, far: FarEnd) -> None:
    os.write(far.fd, b"before we came")
    line = await open_line("pty:keypads-A-1", tmp_path)
    assert await line.read() == b"before we came"
    os.write(far.fd, bytes(range(256)))
    assert await line.read() == bytes(range(256))
    await line.write(bytes(range(256)))
    assert far.got() == bytes(range(256))
    line.close()
    line.close()


async def test_pulled_pty_is_line_down_for_reader_and_writer(tmp_path: Path, far: FarEnd) -> None:
    line = await open_line("pty:keypads-A-1", tmp_path)
    reading = asyncio.create_task(line.read())
    await asyncio.sleep(0)
    far.pull()
    with pytest.raises(LineDown, match="pty:keypads-A-1"):
        await asyncio.wait_for(reading, 20)
    with pytest.raises(LineDown):
        await line.write(b"x")
    with pytest.raises(LineDown):
        await line.read()
    line.close()
    with pytest.raises(LineDown, match="closed"):
        await line.read()


async def test_close_wakes_whoever_waits(tmp_path: Path, far: FarEnd) -> None:
    line = await open_line("pty:keypads-A-1", tmp_path)
    reading = asyncio.create_task(line.read())
    await asyncio.sleep(0)
    line.close()
    with pytest.raises(LineDown, match="closed"):
        await asyncio.wait_for(reading, 20)


async def test_a_choked_pty_is_written_in_parts(tmp_path: Path, far: FarEnd) -> None:
    """Nobody reads: write waits, holds nothing up, and goes on in order when somebody does."""
    line = await open_line("pty:keypads-A-1", tmp_path)
    sent = bytes(n % 251 for n in range(100_000))
    writing = asyncio.create_task(line.write(sent))
    assert not (await asyncio.wait([writing], timeout=0.2))[0]
    got = b""
    while not writing.done() or (more := far.got()):
        got += far.got() if not writing.done() else more
        await asyncio.sleep(0)
    assert got + far.got() == sent
    line.close()


async def test_a_choked_pty_that_is_pulled(tmp_path: Path, far: FarEnd) -> None:
    line = await open_line("pty:keypads-A-1", tmp_path)
    writing = asyncio.create_task(line.write(b"x" * 100_000))
    assert not (await asyncio.wait([writing], timeout=0.1))[0]
    far.pull()
    with pytest.raises(LineDown):
        await asyncio.wait_for(writing, 20)
    line.close()


async def test_cancelled_waits_leave_no_watcher(tmp_path: Path, far: FarEnd) -> None:
    line = await open_line("pty:keypads-A-1", tmp_path)
    reading = asyncio.create_task(line.read())
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait([reading])
    os.write(far.fd, b"later")
    assert await asyncio.wait_for(line.read(), 20) == b"later"
    line.close()


@pytest.mark.parametrize("url", ["pty:nobody", "serial:///dev/ttyNOSUCH", "serial:///dev/null"])
async def test_what_is_not_there_is_line_down(tmp_path: Path, url: str) -> None:
    with pytest.raises(LineDown):
        await open_line(url, tmp_path)


async def test_a_file_is_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "file").write_text("")
    with pytest.raises(LineDown, match="not a terminal"):
        await open_line("pty:file", tmp_path)


@pytest.mark.parametrize(
    "url", ["", "x", "usb:1", "pty:", "pty:../../etc/passwd", "tcp://", "tcp://h", "tcp://h:0", "serial:///dev/x?bau=1"]
)
async def test_addresses_that_never_work(tmp_path: Path, url: str) -> None:
    with pytest.raises(PlanError, match="line"):
        await open_line(url, tmp_path)


async def test_a_pty_is_ours_alone_until_closed(tmp_path: Path, far: FarEnd) -> None:
    line = await open_line("pty:keypads-A-1", tmp_path)
    with pytest.raises(LineDown, match="in use"):
        await open_line("pty:keypads-A-1", tmp_path)
    line.close()
    (await open_line("pty:keypads-A-1", tmp_path)).close()


async def test_serial_port_is_set_and_read(tmp_path: Path, far: FarEnd) -> None:
    """pyserial takes a pty for a port: the same road as a real one, but for the modem lines."""
    port = os.readlink(far.path)
    line = await open_line(f"serial://{port}?baud=19200&parity=E", tmp_path)
    os.write(far.fd, b"\xff\x68")
    assert await line.read() == b"\xff\x68"
    await line.write(b"ok")
    assert far.got() == b"ok"
    with pytest.raises(LineDown):  # it is ours alone
        await open_line(f"serial://{port}", tmp_path)
    far.pull()
    with pytest.raises(LineDown):
        await asyncio.wait_for(line.read(), 20)
    line.close()


# -- network -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def a_server(
    port: int, serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]
) -> AsyncIterator[None]:
    writers: list[asyncio.StreamWriter] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await serve(reader, writer)  # type: ignore[misc]

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(4096):
        writer.write(data)
    writer.close()


async def test_tcp_there_and_back_and_cut(tmp_path: Path) -> None:
    port = free_port()
    async with a_server(port, echo):
        line = await open_line(f"tcp://127.0.0.1:{port}", tmp_path)
        sock = line._writer.get_extra_info("socket")  # type: ignore[attr-defined]
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        await line.write(b"question")
        assert await line.read() == b"question"
    with pytest.raises(LineDown):
        await asyncio.wait_for(line.read(), 20)
    with pytest.raises(LineDown):
        await _write_twice(line)
    line.close()
    with pytest.raises(LineDown, match="Connection refused"):
        await open_line(f"tcp://127.0.0.1:{port}", tmp_path)


async def _write_twice(line: Line) -> None:
    """The first write after a hang-up may still be taken by the system."""
    await line.write(b"x")
    await line.write(b"x")


async def test_tcp_write_waits_for_a_slow_reader(tmp_path: Path) -> None:
    port, go, got = free_port(), asyncio.Event(), bytearray()

    async def slow(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await go.wait()
        while data := await reader.read(65536):
            got.extend(data)

    async with a_server(port, slow):
        line = await open_line(f"tcp://127.0.0.1:{port}", tmp_path)
        writing = asyncio.create_task(line.write(b"x" * 20_000_000))
        assert not (await asyncio.wait([writing], timeout=0.2))[0]
        go.set()
        await asyncio.wait_for(writing, 40)
        await until(lambda: len(got) == 20_000_000)
        line.close()


# -- attendance ----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def attended(line: Attended) -> AsyncIterator[Attended]:
    running = asyncio.create_task(line.run())
    try:
        yield line
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_a_line_comes_back_by_itself(tmp_path: Path, far: FarEnd) -> None:
    told: list[str] = []
    heard = bytearray()
    line = Attended("pty:keypads-A-1", tmp_path, heard.extend, lambda: told.append("up"), lambda _: told.append("down"))
    assert not line.send(b"too early")
    async with attended(line):
        await until(lambda: line.up)
        assert line.send(b"one") and line.send(b"two")
        await line.written()
        assert far.got() == b"onetwo"
        os.write(far.fd, b"hello")
        await until(lambda: heard == b"hello")
        far.pull()
        await until(lambda: not line.up)
        assert not line.send(b"lost")
        far.plug()
        await until(lambda: line.ups == 2)
        assert told == ["up", "down", "up"]
        assert line.refused == 2
        assert far.got() == b"", "nothing stale is written to a line that came back"


async def test_what_waits_is_bounded_and_dropped_with_the_line(tmp_path: Path, far: FarEnd) -> None:
    line = Attended("pty:keypads-A-1", tmp_path, lambda _: None)
    async with attended(line):
        await until(lambda: line.up)
        frames = 0
        while line.send(b"x" * 1024):
            frames += 1
            assert frames <= OUTGOING_MAX // 1024
        assert frames == OUTGOING_MAX // 1024
        far.pull()
        await asyncio.wait_for(line.written(), 20)
        far.plug()
        await until(lambda: line.ups == 2)
        assert line.send(b"fresh")
        await line.written()
        assert far.got() == b"fresh"


async def test_a_reader_that_fails_does_not_end_the_line(tmp_path: Path, far: FarEnd) -> None:
    heard: list[bytes] = []

    def feed(data: bytes) -> None:
        heard.append(data)
        raise ValueError(data)

    line = Attended("pty:keypads-A-1", tmp_path, feed)
    async with attended(line):
        await until(lambda: line.up)
        for data in (b"\x1b[31m", b"more"):
            os.write(far.fd, data)
            await until(lambda data=data: heard[-1:] == [data])
        assert line.ups == 1


async def test_a_line_that_flaps_is_backed_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The far side accepts and hangs up at once: the pauses grow, up to a bound."""
    monkeypatch.setattr(attend, "BACK_OFF_MIN_S", 0.02)
    port, comings = free_port(), []

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        comings.append(asyncio.get_running_loop().time())
        writer.close()

    line = Attended(f"tcp://127.0.0.1:{port}", tmp_path, lambda _: None, back_off_max_s=0.2)
    async with a_server(port, hang_up), attended(line):
        await until(lambda: len(comings) == 8)
    pauses = [after - before for before, after in pairwise(comings)]
    assert min(pauses[4:]) > 0.09
    assert sorted(pauses)[len(pauses) // 2] < 1, "yet not without end"


async def test_a_line_that_leads_nowhere_is_opened_anew(tmp_path: Path, far: FarEnd) -> None:
    downs: list[str] = []
    line = Attended("pty:keypads-A-1", tmp_path, lambda _: None, on_down=downs.append)
    async with attended(line):
        await until(lambda: line.up)
        line.reopen("no answer")
        await until(lambda: line.ups == 2)
        assert downs == ["pty:keypads-A-1: no answer"]


async def test_an_address_that_never_works_ends_the_attendance(tmp_path: Path) -> None:
    with pytest.raises(PlanError):
        await Attended("usb:1", tmp_path, lambda _: None).run()
