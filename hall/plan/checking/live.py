"""What a live plan must not have, and what a simulated plan must not reach."""

from __future__ import annotations

import re

from hall.plan.draft import Draft, Thing
from hall.plan.lines import Line, Pty, Tcp, is_loopback, parse_line
from hall.plan.problems import Unfit


def check(draft: Draft) -> None:
    plan, live = draft.plan, draft.plan.site.mode == "live"
    if not is_loopback(plan.bench.host):
        what = f"the test bench can press every key, and {plan.bench.host} is not this machine"
        draft.report(("bench",), "host", "not-loopback", what, "write 127.0.0.1")
    if plan.broker.kind == "embedded" and not is_loopback(plan.broker.host):
        what, mend = "the embedded broker serves this machine only", 'write 127.0.0.1, or kind = "external"'
        draft.report(("broker",), "host", "not-loopback", what, mend)
    if plan.broker.kind == "embedded" and plan.broker.ca_file:
        what, mend = "the embedded broker speaks no TLS", 'take ca_file out, or write kind = "external"'
        draft.report(("broker",), "ca_file", "embedded-tls", what, mend)
    if plan.broker.kind == "embedded" and live:
        what = "the embedded broker is made for trying out"
        mend = 'install Mosquitto (firmware-configs/broker) and write kind = "external"'
        draft.report(("broker",), "kind", "embedded-in-live", what, mend, "warning")
    if live and is_loopback(re.sub(r"^https?://|(:\d+)?(/.*)?$", "", plan.site.status_url)):
        what = f"the slip's QR code leads to {plan.site.status_url}, which no citizen's phone reaches"
        draft.report(("site",), "status_url", "status-in-live", what, "write the address of the status page", "warning")
    _check_pages(draft)
    for thing, key, name, line in _lines(draft):
        _check_line(draft, thing, key, name, line, live)


def _check_pages(draft: Draft) -> None:
    for hall in draft.plan.halls.values():
        for kiosk in hall.kiosks.values():
            if not is_loopback(kiosk.host):
                what = f"the touch page of {kiosk.id} would be open to the network at {kiosk.host}"
                draft.report((hall.id, "kiosks", kiosk.id), "page", "not-loopback", what, "write 127.0.0.1 and a port")


def _lines(draft: Draft) -> list[tuple[Thing, str, str, str]]:
    found: list[tuple[Thing, str, str, str]] = []
    for hall in draft.plan.halls.values():
        for kiosk in hall.kiosks.values():
            thing = (hall.id, "kiosks", kiosk.id)
            found.append((thing, "printer.line", f"the printer of {kiosk.id}", kiosk.printer_line))
        found += [
            ((hall.id, "keypad_lines", line.id), "line", f"keypad line {line.id}", line.line)
            for line in hall.keypad_lines.values()
        ]
        for window in hall.windows.values():
            if window.panel:
                thing = (hall.id, "windows", window.id)
                found.append((thing, "panel.line", f"panel {window.id}", window.panel.line))
    return found


def _check_line(draft: Draft, thing: Thing, key: str, name: str, text: str, live: bool) -> None:
    line = _parsed(text)
    if live and isinstance(line, Pty):
        what = f"{name} is on {text}, which only simulators have"
        draft.report(thing, key, "pty-in-live", what, "write the real line, serial:///dev/ttyS1?baud=9600")
    elif not live and line is not None and not isinstance(line, Pty) and not (isinstance(line, Tcp) and line.loopback):
        what = f"{name} is on {text}: a simulated plan reaches nothing outside this machine"
        draft.report(thing, key, "not-simulated", what, 'use pty: or a loopback address, or mode = "live"')


def _parsed(text: str) -> Line | None:
    try:
        return parse_line(text)
    except Unfit:  # reported with the addresses
        return None
