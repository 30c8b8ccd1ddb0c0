"""Paper, as far as the journal knows it: a job per slip, copies counted, nothing printed that was not asked (I9)."""

from __future__ import annotations

from audit.verifying.books import OVER, Books, Record, Ticket


def issued(books: Books, rec: Record, ticket: Ticket) -> None:
    job = rec.text("job")
    right = bool(job) == bool(ticket.kiosk) and (ticket.slip == "reserved") == bool(job)
    books.court.expects("I9", right, ticket.number, f"kiosk {ticket.kiosk!r}, job {job!r}, slip {ticket.slip!r}")
    if ticket.kiosk:
        here = ticket.kiosk in books.hall.kiosks
        books.court.expects("I3", here, ticket.number, f"a slip at {ticket.kiosk}, which is no machine of this hall")
    if rec.by.get("device", "").startswith("kiosk-") and ticket.kiosk:
        asked_at = rec.by["device"].removeprefix("kiosk-")
        books.court.expects(
            "I9", asked_at == ticket.kiosk, ticket.number, f"asked at {asked_at}, paper at {ticket.kiosk}"
        )
    if job:
        _opens(books, rec, ticket, job)


def _opens(books: Books, rec: Record, ticket: Ticket, job: str) -> None:
    """A job: named after its letter and copy, to be begun in its time."""
    options, number = books.rules.options, ticket.number
    name = f"{rec.cause}.{ticket.copies}"
    books.court.expects("I9", job == name, number, f"the job is {job!r}, by its letter and copy it is {name!r}")
    until = rec.recorded + options.print_job_expires_s * 1000
    right = not options.print_job_expires_s or rec.whole("job_expires") == until
    books.court.expects("I9", right, number, "its paper may come later than the plan says, or has less time")
    ticket.job = job


def printing(books: Books, rec: Record) -> None:
    ticket = _of_job(books, rec)
    if ticket is not None:
        ticket.slip = "printing"


def printed(books: Books, rec: Record) -> None:
    _over(books, rec, "printed")


def unprinted(books: Books, rec: Record) -> None:
    ticket = _over(books, rec, "unprinted")
    if ticket is not None:
        ticket.torn += 1


def reprint(books: Books, rec: Record) -> None:
    """One more copy, marked with the next number."""
    ticket = books.tickets.get(rec.number)
    if ticket is None:
        books.court.breaks("I9", rec.number, "a copy of a number that is not of this day")
        return
    copy, job = rec.whole("copy"), rec.text("job")
    over = ticket.stage in OVER
    books.court.expects("I9", not over, rec.number, f"a copy of a number whose life is over ({ticket.stage})")
    books.court.expects("I9", copy == ticket.copies + 1, rec.number, f"copy {copy} follows copy {ticket.copies}")
    books.court.expects("I9", not ticket.job, rec.number, f"a copy is asked while job {ticket.job} is open")
    kiosk = rec.text("kiosk")
    here = kiosk in books.hall.kiosks
    books.court.expects("I3", here, rec.number, f"a copy at {kiosk}, which is no machine of this hall")
    ticket.copies = copy
    _opens(books, rec, ticket, job)
    books.counts.add(books.day, "reprints", 1, ticket.queue)


def _of_job(books: Books, rec: Record) -> Ticket | None:
    """The ticket whose open job this is about."""
    ticket, job = books.tickets.get(rec.number), rec.text("job")
    open_job = ticket.job if ticket is not None else ""
    right = bool(job) and open_job == job
    books.court.expects("I9", right, rec.number, f"{rec.what} of job {job!r}, the open one is {open_job!r}")
    return ticket


def _over(books: Books, rec: Record, slip: str) -> Ticket | None:
    ticket = _of_job(books, rec)
    if ticket is None:
        return None
    waits = ticket.stage == "waiting"
    if waits:
        books.leave(ticket)
    ticket.slip, ticket.job = slip, ""
    if waits:
        books.enter(ticket)
    return ticket


TABLE = {"SlipPrinting": printing, "SlipPrinted": printed, "SlipUnprinted": unprinted, "ReprintAsked": reprint}
