"""What a supervisor changes while the hall runs, and what rooms report about their devices."""

from __future__ import annotations

from controller.core.deciding.saying import Decision, no
from controller.core.deciding.windows import left_alone, served_again
from controller.core.state import HallState, WindowState
from hall import commands as c
from hall import events as e
from hall.names import Instant, QueueId, Why
from hall.wording import inert

NAME_MAX = 24  # characters of a window's name; a panel line holds 16 to 24 half-width ones and cuts the rest
NOTICE_MAX = 60  # characters of a notice: two lines of a hall screen that are read in passing
FAULT_MAX = 64  # characters of a fault word a room may report
DEVICE_MAX = 64  # characters of a device's name
FAULTS_MAX = 1000  # devices ill at once; the largest site has some 300


def rename(state: HallState, ask: c.RenameWindow, letter: c.Letter, now: Instant) -> Decision:
    """Another name for line 1; "" gives the plan's back."""
    window = state.windows.get(ask.window)
    if window is None:
        return no(letter, Why.UNKNOWN_WINDOW)
    name = ask.name.strip() or window.plan.name
    if len(name) > NAME_MAX or name != inert(name):
        return no(letter, Why.BAD_VALUE)
    return no(letter, Why.ALREADY_SO) if name == window.name else (e.WindowRenamed(window=ask.window, name=name),)


def set_serves(state: HallState, ask: c.SetServes, letter: c.Letter, now: Instant) -> Decision:
    """What a window is for; a restricted queue only where the plan has it. What it has in hand it goes on with."""
    window = state.windows.get(ask.window)
    if window is None:
        return no(letter, Why.UNKNOWN_WINDOW)
    for queue in ask.serves:
        if queue not in state.hall.queues:
            return no(letter, Why.UNKNOWN_QUEUE, queue)
        if queue not in window.plan.queues and state.hall.queues[queue].restricted:
            return no(letter, Why.RESTRICTED, queue)
    if not ask.serves:
        return no(letter, Why.BAD_VALUE)  # a window without work is a closed one
    if not ask.reason.strip():
        return no(letter, Why.REASON_NEEDED)
    serves = tuple(dict.fromkeys(q for q in (*window.plan.queues, *ask.serves) if q in ask.serves))
    if set(serves) == set(window.own):
        return no(letter, Why.ALREADY_SO)
    return (e.ServesSet(window=ask.window, serves=serves), *_who_serves_now(state, window, serves))


def _who_serves_now(state: HallState, window: WindowState, serves: tuple[QueueId, ...]) -> Decision:
    """A queue may have lost its last window, another has one again."""
    if not window.serves:
        return ()
    lost = tuple(queue for queue in window.own if queue not in serves)
    return (*left_alone(state, window, lost), *served_again(state, serves))


def set_helps(state: HallState, ask: c.SetHelps, letter: c.Letter, now: Instant) -> Decision:
    """Side business of a window; a restricted queue never."""
    window = state.windows.get(ask.window)
    if window is None:
        return no(letter, Why.UNKNOWN_WINDOW)
    for queue in ask.helps:
        if queue not in state.queues:
            return no(letter, Why.UNKNOWN_QUEUE, queue)
        if state.queues[queue].plan.restricted:
            return no(letter, Why.RESTRICTED, queue)
    helps = tuple(dict.fromkeys(q for q in ask.helps if q not in window.own))
    return no(letter, Why.ALREADY_SO) if helps == window.helps else (e.HelpsSet(window=ask.window, helps=helps),)


def stop_issuing(state: HallState, ask: c.StopIssuing, letter: c.Letter, now: Instant) -> Decision:
    """No more numbers, for a queue or the hall; a reason is kept."""
    if ask.queue and ask.queue not in state.queues:
        return no(letter, Why.UNKNOWN_QUEUE)
    if not ask.reason.strip():
        return no(letter, Why.REASON_NEEDED)
    return no(letter, Why.ALREADY_SO) if ask.queue in state.stopped else (e.IssuingStopped(queue=ask.queue),)


def resume_issuing(state: HallState, ask: c.ResumeIssuing, letter: c.Letter, now: Instant) -> Decision:
    """Numbers again."""
    return (e.IssuingResumed(queue=ask.queue),) if ask.queue in state.stopped else no(letter, Why.ALREADY_SO)


def set_notice(state: HallState, ask: c.SetNotice, letter: c.Letter, now: Instant) -> Decision:
    """A text for everybody in the hall, or none; a reason is kept."""
    text = ask.text.strip()
    if len(text) > NOTICE_MAX or text != inert(text):
        return no(letter, Why.BAD_VALUE)
    if not ask.reason.strip():
        return no(letter, Why.REASON_NEEDED)
    return no(letter, Why.ALREADY_SO) if text == state.notice else (e.NoticeSet(text=text),)


def acknowledge(state: HallState, ask: c.AcknowledgeAlarm, letter: c.Letter, now: Instant) -> Decision:
    """Seen."""
    alarm = state.alarms.get(ask.alarm)
    if alarm is None or alarm.acknowledged:
        return no(letter, Why.ALREADY_SO)
    return (e.AlarmAcknowledged(alarm=ask.alarm),)


def report_device(state: HallState, ask: c.ReportDevice, letter: c.Letter, now: Instant) -> Decision:
    """A device fell ill or got well; saying the same again changes nothing."""
    if not ask.device or len(ask.device) > DEVICE_MAX or ask.device != inert(ask.device):
        return no(letter, Why.BAD_VALUE)
    fault, alarm = inert(ask.fault, FAULT_MAX), f"device:{ask.device}"
    if fault and ask.device not in state.faults and len(state.faults) >= FAULTS_MAX:
        return no(letter, Why.TOO_FAST)
    if state.faults.get(ask.device, "") == fault:
        return no(letter, Why.ALREADY_SO)
    if not fault:
        return (e.DeviceHealed(device=ask.device), e.AlarmCleared(alarm=alarm))
    ill = e.DeviceFaulted(device=ask.device, fault=fault)
    raised = e.AlarmRaised(alarm=alarm, kind="device", subject=ask.device, detail=fault)
    return (ill, raised) if alarm not in state.alarms else (ill, e.AlarmCleared(alarm=alarm), raised)
