"""A room for the tests of `hall run`: it says and does what its options tell, in a process of its own."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--say", action="append", default=[])
    parser.add_argument("--exit", type=int, help="leave at once with this code")
    parser.add_argument("--deaf", action="store_true", help="do not hear SIGTERM")
    parser.add_argument("--child", action="store_true", help="start a process of our own and forget it")
    asked = parser.parse_args()
    if asked.deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if asked.child:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], stdout=subprocess.DEVNULL)
        print(f"child {child.pid}", flush=True)
    print(f"pid {os.getpid()}", flush=True)
    for line in asked.say:
        print(line, flush=True)
    if asked.exit is not None:
        return int(asked.exit)
    time.sleep(300)
    return 0


if __name__ == "__main__":
    sys.exit(main())
