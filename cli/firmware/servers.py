"""server/: the script that installs the rooms on the server, its firewall, the copy of the journals each evening."""

from __future__ import annotations

from cli.firmware import fronts
from cli.firmware.brokers import tls_port
from cli.firmware.filling import filled, template
from cli.firmware.units import SERVER, STATE, units
from hall.plan.model import Plan


def files(plan: Plan) -> dict[str, str]:
    """Every file by path."""
    rooms = [unit for unit in units(plan) if unit.target == SERVER]
    return {
        "server/install.sh": template("server/install.sh"),
        "server/rooms": "".join(f"{unit.who} {unit.user}\n" for unit in rooms),
        "server/backup.sh": template("server/backup.sh"),
        "server/nftables.conf": _firewall(plan),
        "systemd/onewindow-backup.service": filled(
            "systemd/backup.service", site=plan.site.id, user=SERVER, state=STATE
        ),
        "systemd/onewindow-backup.timer": template("systemd/backup.timer"),
    }


def _firewall(plan: Plan) -> str:
    """Hall screens come without TLS to the page's own port: all they show is public."""
    screens = {hall.screen.port for hall in plan.halls.values()}
    staff = sorted({front.port for front in fronts.staff(plan)} | screens)
    return filled(
        "server/nftables.conf",
        site=plan.site.id,
        broker=tls_port(plan),
        staff=", ".join(map(str, staff)),
        public=fronts.public(plan).port,
    )
