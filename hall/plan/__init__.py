"""The plan of a site: read from TOML with positions, checked to its end, compiled to what the rooms read.

plan = load(text, "halls/kaiyang.toml", known)      # raises BadPlan (a PlanError) listing every problem
plan = from_json(to_json(plan))                     # how it travels
"""

from __future__ import annotations

import hashlib

import msgspec

from hall.faults import PlanError
from hall.plan.compiling import Compiled, compile_plan
from hall.plan.known import Card, Known
from hall.plan.model import Plan
from hall.plan.problems import BadPlan, Problem


def load(text: str, file: str, known: Known | None, port_shift: int = 0) -> Plan:
    """The plan of this text; raises BadPlan. `known` None leaves drivers and policies unchecked."""
    compiled = compile_plan(text, file, known, port_shift)
    if compiled.plan is None:
        raise BadPlan(compiled.problems)
    return compiled.plan


def to_json(plan: Plan) -> bytes:
    """Plain JSON, in the order the file gives things."""
    return msgspec.json.encode(plan)


def from_json(text: bytes | str) -> Plan:
    """The plan of its JSON; raises PlanError."""
    try:
        return msgspec.json.decode(text, type=Plan)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise PlanError(f"this is no compiled plan ({wrong}); compile it anew: hall check --json PLAN") from wrong


def plan_hash(plan: Plan) -> str:
    """SHA-256 of the canonical JSON: the same for the same content, whatever the order of its tables."""
    return hashlib.sha256(msgspec.json.encode(plan, order="deterministic")).hexdigest()


__all__ = [
    "BadPlan",
    "Card",
    "Compiled",
    "Known",
    "Plan",
    "PlanError",
    "Problem",
    "compile_plan",
    "from_json",
    "load",
    "plan_hash",
    "to_json",
]
