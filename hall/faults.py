"""Every error of the product has one of four roots, so that whoever catches it knows what to do.

A refused command is none of these: a refusal is an event (see hall.names.Why).
"""

from __future__ import annotations


class HallFault(Exception):
    """The root of every error this product raises on purpose."""


class OurFault(HallFault):
    """A bug or a broken promise of ours: stop, say why, restart from what is durable."""


class TheirFault(HallFault):
    """The far side misbehaved (a device, a peer, a person's input): report, count, go on."""


class LineDown(HallFault):
    """A wire is gone (serial, TCP, MQTT): back off with a bound and try again."""


class PlanError(HallFault):
    """A plan cannot be used; the message names file, line, option and how to mend it."""


class JournalFault(OurFault):
    """The journal cannot be trusted or written: refuse to go on and name the next step."""
