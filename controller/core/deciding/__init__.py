"""decide: one letter in, what happens out. The branching is here and in the tables; each decision is a small function.

A decision reads the state and never changes it. It returns at least one event; a refusal is an event too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from controller.core import rights
from controller.core.deciding import calling, days, issuing, printing, rating, serving, supervising, windows
from controller.core.deciding.saying import Decision, no
from controller.core.state import HallState
from hall import commands as c
from hall import events as e
from hall.names import Instant, Why

ENDS = (e.ServiceFinished, e.TicketVoided, e.TicketExpired)
TEXT_MAX = 200  # characters of any one text in a command; the longest reason a person types is a sentence

CLOCKS_APART_MS = 1000  # how far the clocks of one hall's machines may differ before a letter is wronged

TABLE: dict[type[c.Command], Callable[[HallState, Any, c.Letter, Instant], Decision]] = {
    c.IssueTicket: issuing.issue,
    c.ReturnTicket: issuing.bring_back,
    c.GivePriority: issuing.give_priority,
    c.VoidTicket: issuing.void,
    c.ReportPrinting: printing.began,
    c.ReportPrinted: printing.printed,
    c.ReportUnprinted: printing.unprinted,
    c.ReprintTicket: printing.reprint,
    c.LogIn: windows.log_in,
    c.LogOut: windows.log_out,
    c.OpenWindow: windows.open_,
    c.PauseWindow: windows.pause,
    c.CloseWindow: windows.close,
    c.CallNext: calling.call_next,
    c.CallNumber: calling.call_number,
    c.Recall: calling.recall,
    c.MarkNoShow: calling.no_show,
    c.StartService: serving.start,
    c.FinishService: serving.finish,
    c.HoldTicket: serving.hold,
    c.ResumeTicket: serving.resume,
    c.HandBack: serving.hand_back,
    c.TransferTicket: serving.transfer,
    c.ServeHere: serving.serve_here,
    c.AddMatter: serving.add_matter,
    c.InviteRating: rating.invite,
    c.RateService: rating.rate,
    c.RenameWindow: supervising.rename,
    c.SetServes: supervising.set_serves,
    c.SetHelps: supervising.set_helps,
    c.StopIssuing: supervising.stop_issuing,
    c.ResumeIssuing: supervising.resume_issuing,
    c.SetNotice: supervising.set_notice,
    c.AcknowledgeAlarm: supervising.acknowledge,
    c.ReportDevice: supervising.report_device,
    c.StartController: days.start,
    c.AdoptPlan: days.adopt,
    c.TimePassed: days.time_passed,
}


def decide(state: HallState, letter: c.Letter, now: Instant) -> Decision:
    """What happens when this letter is read at this instant."""
    internal = type(letter.command) in c.INTERNAL
    if state.plan is None and not internal:
        return no(letter, Why.NOT_READY)
    if state.plan is not None:
        why = late(state, letter, now) or (None if internal else too_long(letter.command))
        why = why or rights.refused(state, letter)
        if why is not None:
            return no(letter, why)
    events = TABLE[type(letter.command)](state, letter.command, letter, now)
    assert events, f"{type(letter.command).__name__} decided nothing"
    return (*events, *alarms_over(state, events)) if state.alarms else events


def alarms_over(state: HallState, events: Decision) -> Decision:
    """A ticket whose life has ended needs no slip any more: its alarm goes with it."""
    alarms = [f"slip:{event.number}" for event in events if isinstance(event, ENDS)]
    return tuple(e.AlarmCleared(alarm=alarm) for alarm in alarms if alarm in state.alarms)


def too_long(command: c.Command) -> Why | None:
    """No text of a command is a book: what it says is kept for ever and shown to people."""
    for name in command.__struct_fields__:
        text = getattr(command, name)
        if isinstance(text, str) and len(text) > TEXT_MAX:
            return Why.BAD_VALUE
    return None


def late(state: HallState, letter: c.Letter, now: Instant) -> Why | None:
    """Nobody waits for it any more, or it is older than the plan accepts; one from a clock ahead of ours is not old."""
    forgotten = bool(letter.expires) and now > letter.expires + CLOCKS_APART_MS
    return Why.LATE if forgotten or now - letter.at > state.rules.limits.letter_age_s * 1000 else None
