"""The doors for people, a hall's screen and staff pages too: who may reach them, whether the QR code leads to one."""

from __future__ import annotations

from ipaddress import ip_address

from hall.names import HallId
from hall.plan.draft import Draft
from hall.plan.lines import is_loopback, parse_url
from hall.plan.problems import Unfit

NO_NAMES = ("0.0.0.0", "[::]")  # noqa: S104 - named to be refused: the page would turn every browser away


def check(draft: Draft) -> None:
    _check_reach(draft)
    _check_screens(draft)
    _check_staff_doors(draft)
    _check_proxies(draft)
    _check_status(draft)


def _check_reach(draft: Draft) -> None:
    doors = draft.plan.doors
    if draft.plan.site.mode == "simulated" and not is_loopback(doors.public_host):
        what = f"the public door at {doors.public_host}: a simulated plan is reached from this machine only"
        draft.report(("doors",), "public", "not-loopback", what, 'write 127.0.0.1 and a port, or mode = "live"')


def _check_screens(draft: Draft) -> None:
    for hall in draft.plan.halls.values():
        _check_page(draft, hall.id, "screen", f"the screen of hall {hall.id}", hall.screen.host)
        _check_page(draft, hall.id, "staff_door", f"the staff pages of hall {hall.id}", hall.staff_door.host)


def _check_staff_doors(draft: Draft) -> None:
    for hall in draft.plan.halls.values():
        door = hall.staff_door
        try:
            parse_url(door.url or "http://127.0.0.1")
        except Unfit as unfit:
            draft.report((hall.id,), "staff_door.url", unfit.kind, unfit.what, unfit.mend)
        if draft.plan.site.mode == "live" and not is_loopback(door.host) and not door.url.startswith("https:"):
            what = f"the staff of hall {hall.id} would send passwords in clear"
            mend = 'put a proxy with TLS before it and write its address, url = "https://..."'
            draft.report((hall.id,), "staff_door.page", "plain-http", what, mend, "warning")


def _check_page(draft: Draft, hall: HallId, table: str, name: str, host: str) -> None:
    if draft.plan.site.mode == "simulated" and not is_loopback(host):
        what = f"{name} at {host}: a simulated plan is reached from this machine only"
        mend = 'write 127.0.0.1 and a port, or mode = "live"'
        draft.report((hall,), f"{table}.page", "not-loopback", what, mend)
    elif host in NO_NAMES:
        what = f"{host} is no name a browser can ask for"
        draft.report((hall,), f"{table}.page", "bad-address", what, "write the machine's own address in the hall")


def _check_proxies(draft: Draft) -> None:
    for proxy in draft.plan.doors.proxies:
        try:
            ip_address(proxy)
        except ValueError:
            what = f"{proxy!r} is no address"
            draft.report(("doors",), "proxies", "bad-address", what, "write 127.0.0.1 or ::1", about=proxy)


def _check_status(draft: Draft) -> None:
    """An address on this machine must be the door's own; any other leads through somebody else's proxy."""
    site, doors = draft.plan.site, draft.plan.doors
    if not site.status_url:
        return
    try:
        url = parse_url(site.status_url)
    except Unfit as unfit:
        draft.report(("site",), "status_url", unfit.kind, unfit.what, unfit.mend)
        return
    if is_loopback(url.host) and url.port != doors.public_port and draft.plan.site.mode == "simulated":
        what = f"the slip's QR code leads to port {url.port}, the public door is at {doors.public_port}"
        mend = f'write status_url = "http://127.0.0.1:{doors.public_port}", or public = "127.0.0.1:{url.port}"'
        draft.report(("site",), "status_url", "status-elsewhere", what, mend, "warning")
