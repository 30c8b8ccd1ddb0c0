"""kiosk/: what shuts a ticket machine's computer: the browser's policy and flags, USB, magic keys, terminals."""

from __future__ import annotations

from cli.firmware.filling import filled, template
from hall.plan.model import Plan

SAME_EVERYWHERE = ("chromium-flags", "weston.ini", "99-onewindow.rules", "sysctl.conf", "logind.conf")


def files(plan: Plan) -> dict[str, str]:
    """Every file by path; only policy and browser differ between machines, by the address of the page."""
    found = {f"kiosk/{name}": template(f"kiosk/{name}") for name in SAME_EVERYWHERE}
    machines = [kiosk.id for hall in plan.halls.values() for kiosk in hall.kiosks.values()]
    found["kiosk/install.sh"] = filled("kiosk/install.sh", example=machines[0] if machines else "A-K1")
    for hall in plan.halls.values():
        for kiosk in hall.kiosks.values():
            origin = f"http://{kiosk.host}:{kiosk.port}"
            found[f"kiosk/browser-{kiosk.id}"] = filled("kiosk/browser", kiosk=kiosk.id, address=f"{origin}/")
            found[f"kiosk/policy-{kiosk.id}.json"] = filled("kiosk/policy.json", origin=origin, address=f"{origin}/")
    return found
