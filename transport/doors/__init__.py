"""What every HTTP door for people has, whoever it is for: who may knock, how often, what every answer carries.

    guard = Guard.of(host, port, public="https://hall.example", frames=())
    app = application(guard, Allowances(), present)     # answering: limits, headers, plain errors, no traces
    app.router.add_get("/", page)
    async with listening(app, host, port):              # gate: connections counted before a byte is read
        ...

`streaming` bounds server-sent events, `sessions` holds log-ins, `describing` writes the OpenAPI file of a door.
"""

from __future__ import annotations

from transport.doors.answering import Refusal, application, json_of, sender
from transport.doors.gate import listening
from transport.doors.guarding import Guard
from transport.doors.limiting import Allowances
from transport.doors.streaming import Streams

__all__ = ["Allowances", "Guard", "Refusal", "Streams", "application", "json_of", "listening", "sender"]
