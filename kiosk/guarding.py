"""Who may talk to the touch page's server: what every door has (transport/doors), said for a machine.

The page is served on the machine's own loopback. Only a simulated plan lets one other page frame this one and talk to
it: its own test bench.
"""

from __future__ import annotations

from hall.plan.lines import is_loopback
from hall.plan.model import Kiosk, Plan
from transport.doors import Allowances, Guard
from transport.doors.guarding import names_of

REQUESTS_PER_S = 1000.0  # a machine's own screen asks once a touch; a replayed day at 60 times asks 60 times as often
REQUESTS_BURST = 2000.0
CONNECTIONS = 200  # pages and streams looking at one machine, twelve times over


def guard_of(plan: Plan, kiosk: Kiosk) -> Guard:
    """The guard of a machine's page."""
    simulated = plan.site.mode == "simulated" and is_loopback(plan.bench.host)
    bench = names_of(plan.bench.host, plan.bench.port) if simulated else frozenset()
    hosts = names_of(kiosk.host, kiosk.port)
    return Guard(hosts, {f"http://{name}" for name in hosts | bench}, {f"http://{name}" for name in bench})


def allowances() -> Allowances:
    """Everything that asks a machine is one address: its own."""
    return Allowances(REQUESTS_PER_S, REQUESTS_BURST, CONNECTIONS, CONNECTIONS, REQUESTS_PER_S, REQUESTS_BURST)
