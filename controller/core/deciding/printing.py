"""Paper: reserved -> printing -> printed, or unprinted. A report about a job that is over changes nothing."""

from __future__ import annotations

from controller.core.deciding.saying import Decision, no
from controller.core.state import HallState, PrintJob
from hall import commands as c
from hall import events as e
from hall.names import TERMINAL, Instant, Why


def _job(state: HallState, number: str, job: str) -> PrintJob | Why:
    """The open job a report is about."""
    if number not in state.tickets:
        return Why.UNKNOWN_NUMBER
    known = state.jobs.get(number)
    return known if known is not None and known.job == job else Why.ALREADY_SO


def began(state: HallState, ask: c.ReportPrinting, letter: c.Letter, now: Instant) -> Decision:
    """The kiosk may put ink on paper once this is recorded."""
    job = _job(state, ask.number, ask.job)
    if isinstance(job, Why):
        return no(letter, job)
    if job.printing:
        return no(letter, Why.ALREADY_SO)
    if now > job.expires:
        return unprinted_events(state, job, "expired")
    return (e.SlipPrinting(number=ask.number, job=ask.job),)


def printed(state: HallState, ask: c.ReportPrinted, letter: c.Letter, now: Instant) -> Decision:
    """The slip is certainly out."""
    job = _job(state, ask.number, ask.job)
    if isinstance(job, Why):
        return no(letter, job)
    done: Decision = (e.SlipPrinted(number=ask.number, job=ask.job),)
    alarm = f"slip:{ask.number}"
    return (*done, e.AlarmCleared(alarm=alarm)) if alarm in state.alarms else done


def unprinted(state: HallState, ask: c.ReportUnprinted, letter: c.Letter, now: Instant) -> Decision:
    """The slip is not certain."""
    job = _job(state, ask.number, ask.job)
    return no(letter, job) if isinstance(job, Why) else unprinted_events(state, job, ask.fault)


def unprinted_events(state: HallState, job: PrintJob, fault: str) -> Decision:
    """The ticket keeps its place; the supervisor is told once."""
    told: Decision = (e.SlipUnprinted(number=job.number, job=job.job, fault=fault),)
    alarm = f"slip:{job.number}"
    if alarm in state.alarms or state.tickets[job.number].stage in TERMINAL:
        return told
    return (*told, e.AlarmRaised(alarm=alarm, kind="slip", subject=job.number, detail=f"{job.kiosk}: {fault}"))


def reprint(state: HallState, ask: c.ReprintTicket, letter: c.Letter, now: Instant) -> Decision:
    """The same number again, marked and counted."""
    ticket = state.tickets.get(ask.number)
    if ticket is None:
        return no(letter, Why.UNKNOWN_NUMBER)
    if ticket.stage in TERMINAL:
        return no(letter, Why.WRONG_STAGE)
    if ask.kiosk not in state.hall.kiosks:
        return no(letter, Why.BAD_VALUE)
    if ticket.number in state.jobs:
        return no(letter, Why.ALREADY_SO)
    return (reprint_event(state, ask.number, ask.kiosk, letter, now),)


def reprint_event(state: HallState, number: str, kiosk: str, letter: c.Letter, now: Instant) -> e.ReprintAsked:
    """The job of one more copy."""
    copy = state.tickets[number].copies + 1
    expires = now + state.rules.options.print_job_expires_s * 1000
    return e.ReprintAsked(number=number, kiosk=kiosk, job=f"{letter.id}.{copy}", job_expires=expires, copy=copy)
