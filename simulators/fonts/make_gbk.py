"""Cuts GNU Unifont down to what a Chinese font card holds: ASCII and every two-byte character of GBK.

Run once, by a person, when the font is to be renewed:  python3 make_gbk.py /usr/share/unifont/unifont.hex
(Debian: `apt-get install unifont`). The result is the same byte for byte from the same input.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

TARGET = Path(__file__).with_name("unifont-15.0.01-gbk.hex.gz")


def wanted() -> set[int]:
    """Code points of printable ASCII, of all two-byte GBK characters, and the replacement character."""
    points = set(range(0x20, 0x7F)) | {0xFFFD}
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            character = bytes((lead, trail)).decode("gbk", errors="ignore")
            points.update(map(ord, character))
    return points


def main() -> None:
    """Keep the wanted lines of the hex file, sorted, and pack them."""
    points = wanted()
    lines = Path(sys.argv[1]).read_text("ascii").splitlines()
    kept = sorted(line for line in lines if int(line.split(":")[0], 16) in points)
    data = ("\n".join(kept) + "\n").encode("ascii")
    TARGET.write_bytes(gzip.compress(data, 9, mtime=0))
    print(f"{len(kept)} of {len(points)} characters, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
