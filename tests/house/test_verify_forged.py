"""Journals no core would write, one lie each: `hall verify` catches it, and names the promise and the number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from plans import a_plan, queue, window
from playing import LINE, SUPERVISOR, Play
from written import altered, broken, forged, helping, judge

from hall import commands as c
from hall import events as e
from hall.commands import Principal
from hall.names import Level, Role, Rule, Why

Log = list[e.Recorded]

Forgery = Callable[[Play], Log]


def _reason(play: Play, number: str, rule: Rule = Rule.OWN) -> e.CallReason:
    """A reason that is true but for the rule."""
    ticket = play.state.tickets[number]
    queue_state = play.state.queues[ticket.queue]
    return e.CallReason(
        rule=rule, queue=ticket.queue, lane=ticket.lane, contended=all(queue_state.lanes.values()),
        waited_s=(play.now - ticket.issued_at) // 1000, waiting=queue_state.waiting,
    )  # fmt: skip


def _issued(play: Play, number: str, **more: Any) -> e.TicketIssued:
    """A number given right, but for what the test changes."""
    waiting, open_ = play.state.queues["large"].waiting, tuple(sorted(play.state.queues["large"].serving_windows))
    usual: dict[str, Any] = {
        "number": number, "queue": "large", "unit": "general", "entry": "now", "ahead": waiting, "windows": open_,
        "estimate_s": round(waiting * 300 / 2), "due_at": play.now + 1_800_000,
    }  # fmt: skip
    return e.TicketIssued(**(usual | more))


def _given_twice(play: Play) -> Log:
    play.issue(count=3)
    return forged(play, _issued(play, "A0003"))


def _number_left_out(play: Play) -> Log:
    play.issue(count=3)
    return forged(play, _issued(play, "A0005"))


def _called_twice(play: Play) -> Log:
    play.issue(count=2)
    play.call("A01")
    play.at(seconds=20)
    return forged(play, e.TicketCalled("A0001", "A02", _reason(play, "A0001"), "1002"))


def _recalled_elsewhere(play: Play) -> Log:
    play.issue()
    play.call("A01")
    return forged(play, e.TicketRecalled("A0001", "A02", 1))


def _of_another_hall(play: Play) -> Log:
    return forged(play, e.NoticeSet("x"), hall="B")


def _called_past_the_first(play: Play) -> Log:
    play.issue(count=3)
    play.at(seconds=20)
    return forged(play, e.TicketCalled("A0002", "A01", _reason(play, "A0002"), "1001"))


def _ordinary_out_of_turn(play: Play) -> Log:
    play.issue(count=2)
    play.send(c.GivePriority("A0002", "elderly", "old"))
    play.at(seconds=20)
    return forged(play, e.TicketCalled("A0001", "A01", _reason(play, "A0001"), "1001"))


def _bound_not_reached(play: Play) -> Log:
    play.issue(count=2)
    play.at(seconds=20)
    return forged(play, e.TicketCalled("A0001", "A01", _reason(play, "A0001", Rule.FINALLY), "1001"))


def _bound_passed_over(play: Play) -> Log:
    play.issue(count=2)
    play.at(seconds=1800)
    return forged(play, e.TicketCalled("A0001", "A01", _reason(play, "A0001"), "1001"))


def _helped_while_own_wait(play: Play) -> Log:
    play.issue("now")
    play.issue("post")
    play.at(seconds=20)
    return forged(play, e.TicketCalled("A0001", "A04", _reason(play, "A0001", Rule.HELP), "1004"))


def _restricted_given_away(play: Play) -> Log:
    number = play.issue("tax")
    why = _reason(play, number)
    return forged(play, e.ServesSet("A01", ("large", "tax")), e.TicketCalled(number, "A01", why, "1001"))


def _given_to_serve_forgotten(play: Play) -> Log:
    play.as_(SUPERVISOR, c.SetServes("A02", ("post",), "人多"))
    play.at(minutes=24 * 60).settle()
    return altered(play, e.DayOpened, serves={})


def _directed_passed_over(play: Play) -> Log:
    play.issue(count=2)
    play.send(c.TransferTicket("A0002", to_window="A01"), SUPERVISOR)
    play.at(seconds=20)
    return forged(play, e.TicketCalled("A0001", "A01", _reason(play, "A0001"), "1001"))


def _called_after_its_end(play: Play) -> Log:
    play.issue(count=2)
    play.serve("A01")
    play.at(seconds=20)
    return forged(play, e.TicketCalled("A0001", "A01", _reason(play, "A0001"), "1001"))


def _never_given(play: Play) -> Log:
    return forged(play, e.TicketVoided("A0042"), reason="left")


def _lost_over_night(play: Play) -> Log:
    play.issue(count=2)
    play.at(minutes=60 * 20).settle()
    event = [r.event for r in play.log if isinstance(r.event, e.DayOpened)][-1]
    return altered(play, e.DayOpened, tickets=event.tickets[:1], reserved=event.reserved[:1])


def _moved_over_night(play: Play) -> Log:
    play.issue(count=2)
    play.at(minutes=60 * 20).settle()
    event = [r.event for r in play.log if isinstance(r.event, e.DayOpened)][-1]
    stolen = msgspec.structs.replace(event.tickets[0], queue="tax", unit="tax")
    return altered(play, e.DayOpened, tickets=(stolen, event.tickets[1]))


def _answered_again_later(play: Play) -> Log:
    play.issue(count=2)
    cause = play.log[-2].cause
    return forged(play, e.CommandRefused(Why.ALREADY_SO), cause=cause)


def _two_for_one_letter(play: Play) -> Log:
    last, log = play.issue(), play.log[-1]
    assert last == "A0001"
    return forged(play, _issued(play, "A0002"), cause=log.cause, by=log.by, at=log.at)


def _printed_without_a_job(play: Play) -> Log:
    play.issue()
    return forged(play, e.SlipPrinted("A0001", "letter-9.0"))


def _copy_left_out(play: Play) -> Log:
    play.issue(kiosk="A-K1")
    play.send(c.ReportPrinted("A0001", play.state.jobs["A0001"].job))
    return forged(play, e.ReprintAsked("A0001", "A-K1", "forged.3", play.now + 60_000, 3))


def _given_while_stopped(play: Play) -> Log:
    play.send(c.StopIssuing("large", "满了"))
    return forged(play, _issued(play, "A0001"))


def _given_unstaffed(play: Play) -> Log:
    for name in ("A01", "A02"):
        play.send(c.CloseWindow(name))
    return forged(play, _issued(play, "A0001", estimate_s=-1))


def _given_when_full(play: Play) -> Log:
    play.issue(count=play.plan.halls["A"].queues["large"].max_waiting)
    number = f"A{play.plan.halls['A'].queues['large'].max_waiting + 1:04d}"
    return forged(play, _issued(play, number))


def _dropped(play: Play) -> Log:
    play.issue()
    return forged(play, e.TicketExpired("A0001"))


def _newer_than_it_is(play: Play) -> Log:
    play.issue(count=2)
    return forged(play, e.TicketTransferred("A0001", "tax", "tax", (99, 0, 99), due_at=play.now + 1_800_000))


def _no_show_at_once(play: Play) -> Log:
    play.issue()
    play.call("A01")
    return forged(play, e.TicketNoShow("A0001", "A01"), seconds=60)


def _no_show_too_soon(play: Play) -> Log:
    play.issue()
    play.call("A01")
    play.at(seconds=30) >> c.Recall("A01")
    return forged(play, e.TicketNoShow("A0001", "A01"), seconds=5)


def _day_again(play: Play) -> Log:
    opened = play.log[0].event
    return forged(play, opened)


def _rated_twice(play: Play) -> Log:
    play.issue()
    play.serve("A01")
    play.send(c.RateService("A01", Level.SATISFIED))
    return forged(play, e.ServiceRated("A0001", "A01", "1001", Level.SATISFIED), by=LINE)


def _rated_unserved(play: Play) -> Log:
    play.issue()
    play.call("A01")
    return forged(play, e.ServiceRated("A0001", "A01", "1001", Level.SATISFIED), by=LINE)


def _rated_late(play: Play) -> Log:
    play.issue()
    play.serve("A01")
    return forged(play, e.ServiceRated("A0001", "A01", "1001", Level.SATISFIED), by=LINE, seconds=301)


def _rated_from_next_door(play: Play) -> Log:
    play.issue()
    play.serve("A01")
    return forged(play, e.ServiceRated("A0001", "A01", "1001", Level.SATISFIED), by=Principal("soft-A02"))


def _rated_for_another(play: Play) -> Log:
    play.issue()
    play.serve("A01")
    return forged(play, e.ServiceRated("A0001", "A01", "1002", Level.SATISFIED), by=LINE)


def _two_in_hand(play: Play) -> Log:
    play.issue(count=2)
    play.call("A01")
    play.at(seconds=20)
    return forged(play, e.TicketCalled("A0002", "A01", _reason(play, "A0002"), "1001"))


def _two_seats(play: Play) -> Log:
    play.send(c.LogOut("A02"))
    return forged(play, e.StaffLoggedIn("1001", Role.WINDOW, "A02"))


def _told_wrong(play: Play) -> Log:
    play.issue(count=3)
    return altered(play, e.TicketIssued, ahead=1)


def _estimated_wrong(play: Play) -> Log:
    play.issue(count=3)
    return altered(play, e.TicketIssued, estimate_s=17)


def _two_calls_a_press(play: Play) -> Log:
    play.issue(count=2)
    play.serve("A01", seconds=1)
    return forged(play, e.TicketCalled("A0002", "A01", _reason(play, "A0002"), "1001"))


def _stops_forgotten(play: Play) -> Log:
    play.send(c.StopIssuing("tax", "满了"))
    play.at(minutes=60 * 20).settle()
    return altered(play, e.DayOpened, stopped={})


def _epoch_back(play: Play) -> Log:
    return forged(play, e.NoticeSet("x"), epoch=0)


def _epoch_from_nowhere(play: Play) -> Log:
    return forged(play, e.NoticeSet("x"), epoch=7)


def _service_of_another_length(play: Play) -> Log:
    play.issue()
    play.serve("A01", seconds=60)
    return altered(play, e.ServiceFinished, service_s=600)


FORGERIES: tuple[tuple[Forgery, set[str], str], ...] = (
    (_given_twice, {"I1", "I13"}, "A0003"),
    (_number_left_out, {"I13"}, "A0005"),
    (_called_twice, {"I2"}, "A0001"),
    (_recalled_elsewhere, {"I2"}, "A0001"),
    (_of_another_hall, {"I3"}, ""),
    (_called_past_the_first, {"I5"}, "A0002"),
    (_ordinary_out_of_turn, {"I5"}, "A0001"),
    (_bound_not_reached, {"I5"}, "A0001"),
    (_bound_passed_over, {"I5"}, "A0001"),
    (_helped_while_own_wait, {"I5"}, "A0001"),
    (_restricted_given_away, {"I5"}, "AS0001"),
    (_given_to_serve_forgotten, {"I25"}, ""),
    (_directed_passed_over, {"I5"}, "A0001"),
    (_called_after_its_end, {"I6"}, "A0001"),
    (_never_given, {"I6"}, "A0042"),
    (_lost_over_night, {"I6"}, "A0002"),
    (_moved_over_night, {"I11"}, "A0001"),
    (_answered_again_later, {"I7"}, ""),
    (_two_for_one_letter, {"I8"}, "A0002"),
    (_printed_without_a_job, {"I9"}, "A0001"),
    (_copy_left_out, {"I9"}, "A0001"),
    (_given_while_stopped, {"I10"}, "A0001"),
    (_given_unstaffed, {"I10"}, "A0001"),
    (_given_when_full, {"I10"}, "A0501"),
    (_dropped, {"I10"}, "A0001"),
    (_newer_than_it_is, {"I11"}, "A0001"),
    (_no_show_at_once, {"I12"}, "A0001"),
    (_no_show_too_soon, {"I12"}, "A0001"),
    (_day_again, {"I13"}, ""),
    (_rated_twice, {"I15"}, "A0001"),
    (_rated_unserved, {"I15"}, "A0001"),
    (_rated_late, {"I15"}, "A0001"),
    (_rated_from_next_door, {"I15"}, "A0001"),
    (_rated_for_another, {"I15"}, "A0001"),
    (_two_in_hand, {"I16"}, "A0002"),
    (_two_seats, {"I16"}, ""),
    (_told_wrong, {"I18"}, "A0003"),
    (_estimated_wrong, {"I18"}, "A0003"),
    (_two_calls_a_press, {"I20"}, "A0002"),
    (_stops_forgotten, {"I25"}, ""),
    (_epoch_back, {"I27"}, ""),
    (_epoch_from_nowhere, {"I27"}, ""),
    (_service_of_another_length, {"I28"}, "A0001"),
)


@pytest.mark.parametrize(("forgery", "names", "number"), FORGERIES, ids=[f[0].__name__[1:] for f in FORGERIES])
def test_a_forged_journal_is_caught_and_the_promise_named(
    forgery: Forgery, names: set[str], number: str, tmp_path: Path
) -> None:
    log = forgery(Play(helping()))
    found = broken(judge(log, tmp_path, twice=True))
    assert found.keys() == names, found
    assert all(example.number == number and example.seq for example in found.values()), found


def test_among_its_own_queues_a_window_takes_the_oldest_after_ageing(tmp_path: Path) -> None:
    """Fair within each queue is not yet fair: the other queue's first had waited longer."""
    windows = {"A01": window("A01", ("general", "post"), 1, policy="large_cycle")}
    play = Play(a_plan(windows=windows, queues={q: queue(q) for q in ("large", "tax", "post")}))
    play.issue("now")
    play.at(seconds=60)
    play.issue("post")
    play.at(seconds=60)
    log = forged(play, e.TicketCalled("AP0001", "A01", _reason(play, "AP0001"), "1001"))
    found = broken(judge(log, tmp_path))
    assert found.keys() == {"I5"} and "A0001 was to be called" in found["I5"].text, found


def test_what_a_supervisor_gave_a_window_to_serve_is_followed_over_night(tmp_path: Path) -> None:
    play = Play(helping())
    play.as_(SUPERVISOR, c.SetServes("A01", ("post", "large"), "人多"))
    play.issue("post", count=3)
    play.serve("A01")
    play.at(minutes=24 * 60).settle()
    assert play.serve("A01") == "AP0002"
    assert not broken(judge(play.log, tmp_path))
