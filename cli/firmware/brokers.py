"""broker/: Mosquitto's configuration, its access list, and the two scripts that make certificates and log-ins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cli.firmware.filling import filled, template
from cli.firmware.principals import Principal, principals
from hall.codec import PAYLOAD_MAX
from hall.plan.lines import is_loopback
from hall.plan.model import Plan
from hall.wording import inert

TLS_PORT = 8883  # where devices and other machines come in, unless the plan's own broker line is TLS
PLAIN_PORT = 1883  # the rooms beside the broker, over loopback, where the plan names no port of its own
TOPIC_ROOM = 1024  # bytes of a packet beside its payload: topic and header
CONNECTIONS_MAX = 1024  # sockets; a site has about two hundred principals, each once


def files(plan: Plan) -> dict[str, str]:
    """The broker's files by path."""
    known = principals(plan)
    return {
        "broker/mosquitto.conf": _configuration(plan),
        "broker/acl": "".join(_access(plan, known)),
        "broker/principals": "".join(f"{one.room} {one.name}\n" for one in known),
        "broker/authority.sh": template("broker/authority.sh"),
        "broker/enrol.sh": template("broker/enrol.sh"),
    }


def tls_port(plan: Plan) -> int:
    """Where devices find the broker."""
    return plan.broker.port if plan.broker.ca_file else TLS_PORT


def _configuration(plan: Plan) -> str:
    return filled(
        "broker/mosquitto.conf",
        site=plan.site.id,
        tls_port=tls_port(plan),
        plain=_plain(plan),
        payload_max=PAYLOAD_MAX,
        packet_max=PAYLOAD_MAX + TOPIC_ROOM,
        connections_max=CONNECTIONS_MAX,
    )


def _plain(plan: Plan) -> str:
    """The listener of the rooms on the broker's own machine, where the plan's line to it is without TLS."""
    if plan.broker.ca_file:
        return "# Every room comes over TLS: the plan names a ca_file.\n"
    own = plan.broker.kind == "external" and is_loopback(plan.broker.host)
    return filled("broker/plain.conf", port=plan.broker.port if own else PLAIN_PORT)


def _access(plan: Plan, known: Iterable[Principal]) -> Iterator[str]:
    """What nobody is granted here is refused."""
    yield f"# Who may hear (read) and say (write) what at the broker of {plan.site.id}. Written from the plan:\n"
    yield "# change the plan and write it anew (hall firmware). Nothing is open to everybody, nor to a pattern.\n"
    for one in known:
        yield f"\n# {inert(one.about)}\nuser {one.name}\n"
        yield from (f"topic read {topic}\n" for topic in one.hears)
        yield from (f"topic write {topic}\n" for topic in one.says)
