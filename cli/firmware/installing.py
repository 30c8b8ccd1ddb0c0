"""install.md: from an empty Debian machine to the running hall, step by step, in the names of this plan."""

from __future__ import annotations

from cli.firmware import fronts
from cli.firmware.brokers import tls_port
from cli.firmware.filling import filled
from cli.firmware.principals import principals
from hall.plan.lines import is_loopback
from hall.plan.model import Plan


def files(plan: Plan) -> dict[str, str]:
    """The one page."""
    halls = list(plan.halls.values())
    kiosks = [kiosk for hall in halls for kiosk in hall.kiosks.values()]
    first = kiosks[0].id if kiosks else "K1"
    consoles = [one.name for one in principals(plan) if one.name.startswith("console-")]
    return {
        "install.md": filled(
            "install.md",
            site=plan.site.id,
            name=plan.site.name,
            halls=", ".join(hall.name for hall in halls),
            hall=halls[0].id,
            server=fronts.HOST if is_loopback(plan.broker.host) else plan.broker.host,
            tls_port=tls_port(plan),
            public_url=fronts.public(plan).url,
            doors=_doors(plan),
            pages="\n".join(_pages(plan)),
            kiosks=", ".join(kiosk.id for kiosk in kiosks),
            kiosk=first,
            page=f"http://{kiosks[0].host}:{kiosks[0].port}/" if kiosks else "",
            window=next(window for hall in halls for window in hall.windows),
            console=consoles[0] if consoles else "console-1",
        )
    }


def _doors(plan: Plan) -> str:
    """What the plan says of the staff's doors, for the proxy before them."""
    halls = zip(plan.halls.values(), fronts.staff(plan), strict=True)
    return "\n\n".join(f'[halls.{hall.id}.staff_door]\nurl = "{front.url}"' for hall, front in halls)


def _pages(plan: Plan) -> list[str]:
    """Who opens which address."""
    found = []
    for hall, front in zip(plan.halls.values(), fronts.staff(plan), strict=True):
        window = next(iter(hall.windows))
        found.append(f"| a window of {hall.name} without a keypad | `{front.url}/window/{window}` |")
        found.append(f"| a guide of {hall.name} | `{front.url}/guide/{hall.id}` |")
        found.append(f"| the hall screen of {hall.name} | `http://{hall.screen.host}:{hall.screen.port}/` |")
    return found
