"""python -m mutants [NAME ...]: hunt them, two at a time, and print who was found by which promise."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from mutants.hunting import SECONDS, Found, hunt
from mutants.planted import MUTANTS

AT_ONCE = max(1, min(4, os.cpu_count() or 1))


def main(names: list[str]) -> int:
    chosen = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    with ThreadPoolExecutor(AT_ONCE) as hunters:
        found = [_told(each) for each in hunters.map(hunt, chosen)]
    missed = [each for each in found if not each.right]
    print(f"\n{len(found) - len(missed)} of {len(found)} mutants found within {SECONDS:.0f} s each")
    for each in missed:
        print(f"  NOT FOUND {each.mutant.name}: {each.mutant.bug}; {each.told or 'nothing broke'}")
    return 1 if missed or not found else 0


def _told(found: Found) -> Found:
    print(f"{found.mutant.name:22} {found.promise or '-':5} {found.seconds:6.1f} s  {found.told[:110]}", flush=True)
    return found


sys.exit(main(sys.argv[1:]))
