"""Runs `esphome config` on many files: one fresh process for each, forked from one that has read ESPHome already.

Called by ESPHome's own Python (.venv-esphome), not by ours: esphome_many.py FILE... prints each file that fails, with
what was said of it. Exit code 1 if any did.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import multiprocessing
import sys

WORKERS = 2
ONES = ("esp32", "hub75", "matrix_keypad", "font", "mqtt", "wifi", "sntp", "display", "script", "interval", "output")


def configured(file: str) -> tuple[str, int, str]:
    """What `esphome -q config FILE` does in this process; its exit code and its words."""
    from esphome.__main__ import run_esphome  # type: ignore[import-not-found]  # not in our environment

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = run_esphome(["esphome", "-q", "config", file])
    return file, code or 0, said.getvalue()


def main(files: list[str]) -> int:
    importlib.import_module("esphome.__main__")
    for name in ONES:  # read once, before the fork: half of each file's time
        importlib.import_module(f"esphome.components.{name}")
    failed = 0
    with multiprocessing.get_context("fork").Pool(WORKERS, maxtasksperchild=1) as pool:
        for file, code, said in pool.imap_unordered(configured, files):
            if code != 0:
                failed += 1
                print(f"{file}: exit code {code}\n{said[-2000:]}")
    print(f"{len(files) - failed} of {len(files)} files pass")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
