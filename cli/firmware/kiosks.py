"""kiosk/: what shuts a ticket machine's computer: the browser's policy and flags, USB, magic keys, terminals."""

from __future__ import annotations

from cli.firmware.filling import filled, template
from hall.plan.model import Plan

SAME_EVERYWHERE = ("chromium-flags", "99-onewindow.rules", "sysctl.conf", "logind.conf")


def files(plan: Plan) -> dict[str, str]:
    """Every file by path; only the policy differs between machines, by the address of the page."""
    found = {f"kiosk/{name}": template(f"kiosk/{name}") for name in SAME_EVERYWHERE}
    for hall in plan.halls.values():
        for kiosk in hall.kiosks.values():
            origin = f"http://{kiosk.host}:{kiosk.port}"
            found[f"kiosk/policy-{kiosk.id}.json"] = filled("kiosk/policy.json", origin=origin, address=f"{origin}/")
    return found
