"""install.md: from an empty Debian machine to the running hall, step by step, in the names of this plan."""

from __future__ import annotations

from cli.firmware.brokers import tls_port
from cli.firmware.filling import filled
from cli.firmware.units import units, user_of
from hall.plan.model import Plan


def files(plan: Plan) -> dict[str, str]:
    """The one page."""
    rooms = units(plan)
    server = [unit for unit in rooms if unit.target == "onewindow"]
    kiosks = [kiosk for hall in plan.halls.values() for kiosk in hall.kiosks.values()]
    first = kiosks[0].id if kiosks else "K1"
    window = next(window for hall in plan.halls.values() for window in hall.windows)
    owners = "".join(f"    {unit.who}:{unit.user} \\\n" for unit in server)
    return {
        "install.md": filled(
            "install.md",
            site=plan.site.id,
            name=plan.site.name,
            halls=", ".join(hall.name for hall in plan.halls.values()),
            owners=owners.removesuffix(" \\\n") + "\n",
            enabled=" ".join(f"onewindow-{unit.who}" for unit in server),
            kiosks=", ".join(kiosk.id for kiosk in kiosks),
            kiosk=first,
            page=f"http://{kiosks[0].host}:{kiosks[0].port}/" if kiosks else "",
            window=window,
            user=user_of(next(iter(plan.halls.values()))),
            tls_port=tls_port(plan),
        )
    }
