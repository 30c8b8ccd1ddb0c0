"""The files with which a real hall is installed, written from its plan: broker, device firmware, service units, kiosks,
TLS before the pages.

Pure: a plan and a dot font in, a text per file out (`hall.faults` for what cannot be written). What a person reads and
mends by hand stands in templates/ with the plan's words marked @{so}; Python only says what goes where. Why it lives
in this room: docs/decisions/0011-firmware.md.
"""

from __future__ import annotations

from cli.firmware import brokers, devices, fronts, installing, kiosks, servers, units
from cli.firmware.glyphs import Font
from hall.plan.model import Plan

MANIFEST = "MANIFEST"  # names every file written, so that the next writing takes away what the plan no longer has


def files(plan: Plan, font: Font, also: str = "") -> dict[str, str]:
    """Every file of the tree by its path, the manifest among them. `also`: characters the panels must show besides."""
    written = {
        **brokers.files(plan),
        **devices.files(plan, font, also),
        **units.files(plan),
        **kiosks.files(plan),
        **fronts.files(plan),
        **servers.files(plan),
        **installing.files(plan),
    }
    return {**written, MANIFEST: "".join(f"{name}\n" for name in sorted(written))}
