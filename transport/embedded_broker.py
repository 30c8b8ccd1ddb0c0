"""The broker of a simulated hall, so that two commands show the product: amqtt in a process of its own.

    python -m transport.embedded_broker --plan plan.json --var var      (or --host 127.0.0.1 --port 1883 --var var)

A real hall runs Mosquitto (firmware-configs/broker). amqtt speaks MQTT 3.1.1 only and forgets everything when it
stops; log-in is required, also because it drops the sessions of anonymous clients. One user, one password, no access
list: amqtt's own is no wall (`+` grants `#`, a last will passes it), so it listens on this machine only.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig
from amqtt.errors import BrokerError
from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import Session

from hall.faults import HallFault, PlanError
from hall.plan.lines import is_loopback
from transport import logs
from transport.clock import Clock
from transport.logins import EMBEDDED_USER, embedded_password
from transport.plans import load_plan
from transport.room import say_ready
from transport.running import run_process

CLIENTS_MAX = 600  # beyond it amqtt's fan-out takes longer than a person waits


class BrokerFault(HallFault):
    """The broker cannot be started; the message says why."""


class LogIn(BaseAuthPlugin):  # type: ignore[misc]  # amqtt comes without types
    """Lets in whoever knows the user and the password."""

    @dataclass
    class Config:
        user: str
        password: str

    async def authenticate(self, *, session: Session) -> bool:
        user, password = str(session.username or ""), str(session.password or "")
        known = hmac.compare_digest(user.encode(), self.config.user.encode())
        return hmac.compare_digest(password.encode(), self.config.password.encode()) and known


class HallBroker(Broker):  # type: ignore[misc]  # amqtt comes without types
    """amqtt, but a newcomer gets only retained topics it has subscribed to itself.

    As it comes, amqtt sends each newcomer the retained topics of everybody's filters, and breaks off the connection
    when somebody subscribes meanwhile ("dictionary changed size"): all rooms of a hall come at the same moment.
    """

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        if any(whose is session for whose, _ in self._subscriptions.get(subscription[0], ())):
            await super()._publish_retained_messages_for_subscription(subscription, session)


async def serve(host: str, port: int, user: str, password: str) -> None:
    """Serve until cancelled. BrokerFault when the address cannot be had."""
    config = BrokerConfig(
        listeners={"default": ListenerConfig(bind=f"{host}:{port}", max_connections=CLIENTS_MAX)},
        plugins={f"{__spec__.name}.LogIn": {"user": user, "password": password}},
    )
    try:
        await HallBroker(config).start()
    except BrokerError as fault:
        cause = fault.__cause__
        why = os.strerror(cause.errno) if isinstance(cause, OSError) and cause.errno else str(fault)
        raise BrokerFault(f"broker: port {port} on {host}: {why}") from None
    say_ready("broker", f"mqtt://{host}:{port}")
    await asyncio.Event().wait()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m transport.embedded_broker", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--plan", type=Path, help="compiled plan; gives host and port")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--var", required=True, type=Path, help="the state directory; keeps broker/password")
    parser.add_argument("--clock", default="real", help="for the time in log lines")
    parser.add_argument("--log-level", default="info", choices=logs.LEVELS)
    parser.add_argument(
        "--parent", type=int, default=0, metavar="PID", help="stop when this process, which started us, ends"
    )
    args = parser.parse_args(argv)
    logs.set_up(args.log_level, Clock())
    logging.getLogger("amqtt").setLevel(logging.DEBUG if args.log_level == "debug" else logging.CRITICAL)
    return run_process(_live(args), args.parent)


async def _live(args: argparse.Namespace) -> None:
    logs.set_up(args.log_level, Clock.from_text(args.clock))
    broker = load_plan(args.plan).broker if args.plan else None
    if broker is not None and broker.kind != "embedded":
        raise PlanError(f"--plan {args.plan}: its broker is {broker.kind}, not the embedded one")
    host, port = (broker.host, broker.port) if broker is not None else (args.host, args.port)
    if not is_loopback(host) or not 1 <= port <= 65535:
        raise PlanError(f"broker {host}:{port}: the embedded broker listens on this machine only, on a port 1 to 65535")
    await serve(host, port, EMBEDDED_USER, embedded_password(args.var.resolve()))


if __name__ == "__main__":
    raise SystemExit(main())
