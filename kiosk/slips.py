"""What stands on a slip: a job of the controller, the plan and the catalogue become ready lines of text.

Names out of the plan are made inert: no control character reaches the printer from a text. Wrapping to the paper's
columns is the driver's: it knows how wide its letters are.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hall.names import Instant, KioskId
from hall.plan.model import Hall, Plan
from hall.ports import Slip
from hall.views import Job
from hall.wording import inert, say
from kiosk.waits import minutes, where

QR_MAX = 300  # bytes of address: the densest code an 80 mm slip still shows readably
NOTICE_MAX = 120  # characters: three lines of paper, more is not read


def compose(plan: Plan, hall: Hall, kiosk: KioskId, job: Job) -> Slip:
    """The slip of a job in the citizen's language; a copy is marked as one."""
    lang = job.lang
    return Slip(
        title=say("slip.title", lang, site=_named(plan.site, lang), hall=_named(hall, lang)),
        number=inert(job.number, 20),
        copy_mark=say("slip.copy", lang, n=job.copy) if job.copy else "",
        lines=tuple(_lines(plan, hall, job, lang)),
        qr=job.status if len(job.status.encode()) <= QR_MAX and job.status.isprintable() else "",
        notice=_notice(hall, lang),
        columns=hall.kiosks[kiosk].slip_columns,
    )


def _lines(plan: Plan, hall: Hall, job: Job, lang: str) -> list[str]:
    lines = [say("slip.matter", lang, matter=matter(hall, job, lang)), say("slip.ahead", lang, n=job.ahead)]
    if (span := minutes(job.estimate_s)) is not None:
        low, high = span
        lines.append(say("slip.estimate", lang, low=low, high=high) if low else say("slip.estimate_soon", lang))
    if windows := where(hall, job.windows):
        lines.append(say("slip.windows", lang, windows=windows))
    lines.append(say("slip.time", lang, time=local(job.issued_at, plan.site.time_zone)))
    if job.status:
        lines.append(say("slip.scan", lang))
    return lines


def matter(hall: Hall, job: Job, lang: str) -> str:
    """What was chosen on the menu; a job whose entry a newer plan dropped is named by its queue."""
    entry = next((e for e in hall.entries if e.id == job.entry), None) or hall.queues.get(job.queue)
    return _named(entry, lang) if entry else job.entry


def _named(thing: object, lang: str) -> str:
    name = getattr(thing, "name_en", "") if lang == "en" else ""
    return inert(name or getattr(thing, "name", ""), 60)


def _notice(hall: Hall, lang: str) -> str:
    own = hall.notices.get("slip" if lang == "zh" else f"slip_{lang}", "")
    return inert(own, NOTICE_MAX) or say("slip.notice", lang)


def local(instant: Instant, zone: str) -> str:
    """An instant in the plan's time zone, to the minute."""
    return datetime.fromtimestamp(instant / 1000, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
