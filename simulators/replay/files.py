"""The bytes of a recorded file as text: plain or gzipped, UTF-8 or GB18030 (what Excel writes in China), any line ends.

What cannot be read is said with the file, what is wrong with it, and what to do.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from simulators.box import CannotStand

BYTES_MAX = 256 * 1024 * 1024  # unpacked: four million rows, more than ten years of the busiest hall
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def text_of(file: Path) -> str:
    """The whole text; CannotStand says what is wrong with the file and how to mend it."""
    raw = _bytes(file)
    if not raw.strip():
        raise CannotStand(f"{file}: the file is empty; give a CSV whose first line names the columns")
    if raw.startswith(ZIP):
        raise CannotStand(f"{file}: this is a zip or an Excel file; unpack it, or save the sheet as CSV (UTF-8)")
    try:
        return _decoded(raw)
    except UnicodeDecodeError as wrong:
        line = raw.count(b"\n", 0, wrong.start) + 1
        raise CannotStand(f"{file}, line {line}: neither UTF-8 nor GB18030 text; save it as CSV (UTF-8)") from None


def _bytes(file: Path) -> bytes:
    try:
        if file.is_dir():
            raise CannotStand(f"{file}: this is a folder; give one CSV file in it")
        with file.open("rb") as plain:
            packed = plain.read(2) == GZIP
        with gzip.open(file) if packed else file.open("rb") as source:
            raw = source.read(BYTES_MAX + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
        raise CannotStand(f"{file}: the gzip file is damaged or cut off ({broken}); copy it anew") from None
    except OSError as trouble:
        raise CannotStand(f"{file}: {trouble.strerror or trouble}; give a CSV that can be read") from None
    if len(raw) > BYTES_MAX:
        raise CannotStand(f"{file}: more than {BYTES_MAX >> 20} MB; cut out the days to be replayed")
    return raw


def _decoded(raw: bytes) -> str:
    if raw.startswith(UTF16):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")
