"""Who may ask what. Checked on every command; a device may speak only for what the plan gives it.

What a device may call itself is the broker's business (its access list); what it may then ask is decided here. A
window's commands come from the keypad line it sits on, in the name of whoever is logged in there; a member of
staff at a desk (guide, supervisor) speaks from the device the session was opened on.
"""

from __future__ import annotations

from controller.core.state import HallState
from hall import commands as c
from hall.names import Origin, Role, Why

R = Role

WINDOW_COMMANDS: tuple[type[c.Command], ...] = (
    c.LogOut, c.OpenWindow, c.PauseWindow, c.CloseWindow, c.CallNext, c.CallNumber, c.Recall, c.StartService,
    c.FinishService, c.MarkNoShow, c.HoldTicket, c.ResumeTicket, c.HandBack, c.TransferTicket, c.ServeHere,
    c.AddMatter, c.InviteRating, c.VoidTicket,
)  # fmt: skip
DEVICE_COMMANDS: tuple[type[c.Command], ...] = (
    c.ReportPrinting, c.ReportPrinted, c.ReportUnprinted, c.ReportDevice, c.RateService, c.LogIn, c.LogOut,
)  # fmt: skip
GUIDE_COMMANDS: tuple[type[c.Command], ...] = (c.IssueTicket, c.ReturnTicket, c.GivePriority, c.ReprintTicket, c.LogOut)
SUPERVISOR_COMMANDS: tuple[type[c.Command], ...] = (
    *GUIDE_COMMANDS, c.VoidTicket, c.OpenWindow, c.PauseWindow, c.CloseWindow, c.CallNumber, c.TransferTicket,
    c.RenameWindow, c.SetServes, c.SetHelps, c.StopIssuing, c.ResumeIssuing, c.SetNotice, c.AcknowledgeAlarm,
    c.HandBack,
)  # fmt: skip
STAFF_COMMANDS: tuple[type[c.Command], ...] = (
    *WINDOW_COMMANDS, c.IssueTicket, c.ReturnTicket, c.GivePriority, c.ReprintTicket,
)  # fmt: skip

ALLOWED: dict[Role, tuple[type[c.Command], ...]] = {
    R.CITIZEN: (c.IssueTicket, c.ReturnTicket, c.RateService),
    R.DEVICE: DEVICE_COMMANDS,
    R.WINDOW: STAFF_COMMANDS,
    R.GUIDE: GUIDE_COMMANDS,
    R.SUPERVISOR: SUPERVISOR_COMMANDS,
    R.SYSTEM: c.INTERNAL,
}
ORIGIN_ROLE: dict[Origin, tuple[Role, ...]] = {
    Origin.KIOSK: (R.CITIZEN,),
    Origin.GUIDE: (R.GUIDE, R.SUPERVISOR),
    Origin.STAFF: (R.WINDOW,),
    Origin.SUPERVISOR: (R.SUPERVISOR,),
    Origin.LINKED: (R.WINDOW, R.GUIDE, R.SUPERVISOR),
}


def refused(state: HallState, letter: c.Letter) -> Why | None:
    """Why this principal may not ask this, or None."""
    by, command = letter.by, letter.command
    if by.role is R.SYSTEM:
        return None if isinstance(command, c.INTERNAL) else Why.NO_RIGHT
    if not isinstance(command, ALLOWED[by.role]):
        return Why.NO_RIGHT
    if by.role is R.CITIZEN:
        return _citizen(state, letter)
    if by.role in (R.GUIDE, R.SUPERVISOR):
        return _desk(state, letter)
    if by.role is R.DEVICE:
        return _device(state, letter)
    return _window(state, letter)


def _citizen(state: HallState, letter: c.Letter) -> Why | None:
    kiosk = letter.by.device.removeprefix("kiosk-")
    if letter.by.device.startswith("kiosk-") and kiosk in state.hall.kiosks:
        if isinstance(letter.command, c.RateService):
            return Why.NO_RIGHT  # a window's own evaluator, or the page of the ticket
        asked = getattr(letter.command, "kiosk", kiosk)
        return None if asked in ("", kiosk) else Why.NO_RIGHT
    if not isinstance(letter.command, c.RateService) or not letter.by.device.startswith("phone"):
        return Why.NO_RIGHT
    return None if letter.command.number else Why.NO_RIGHT


def _desk(state: HallState, letter: c.Letter) -> Why | None:
    """A session opened at this device; a guide leaves the desk, never somebody else's window."""
    by, command = letter.by, letter.command
    if state.desks.get(by.staff) != (by.role, by.device):
        return Why.NO_RIGHT
    return Why.NO_RIGHT if by.role is R.GUIDE and isinstance(command, c.LogOut) and command.window else None


def _device(state: HallState, letter: c.Letter) -> Why | None:
    """A room reports about its own devices and jobs; a keypad line rates and logs in at its own windows."""
    command, device = letter.command, letter.by.device
    if isinstance(command, (c.ReportPrinting, c.ReportPrinted, c.ReportUnprinted)):
        job = state.jobs.get(command.number)
        return None if job is None or device == f"kiosk-{job.kiosk}" else Why.NO_RIGHT
    if isinstance(command, c.ReportDevice):
        return None
    window = getattr(command, "window", "")
    if window or isinstance(command, c.RateService):
        return None if sits_on(state, window, device) else Why.NO_RIGHT
    if isinstance(command, c.LogOut):
        desk = state.desks.get(letter.by.staff)
        return None if desk is not None and desk[1] == device else Why.NO_RIGHT
    return None  # a desk: the log-in proves itself


def _window(state: HallState, letter: c.Letter) -> Why | None:
    """The window that asks must exist, sit on the asking line and be staffed."""
    asked = getattr(letter.command, "window", "") or state.seats.get(letter.by.staff, "")
    window = state.windows.get(asked)
    if window is None:
        return Why.UNKNOWN_WINDOW
    if not sits_on(state, asked, letter.by.device):
        return Why.NO_RIGHT
    if not window.staff:
        return Why.NOT_STAFFED
    return None if letter.by.staff in ("", window.staff) else Why.NO_RIGHT


def sits_on(state: HallState, window: str, device: str) -> bool:
    """Is the window's keypad on the line this device speaks for, or is it that window's own soft caller or keypad?"""
    known = state.windows.get(window)
    if known is None:
        return True  # the decision says which window is unknown
    seat = known.plan.seat
    on_line = seat is not None and device == f"caller-{seat.line}"
    return on_line or device in (f"soft-{window}", f"esp-keypad-{window}")
