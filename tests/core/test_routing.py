"""Who is called: the promises every policy keeps, held against a naive look at all tickets, and each policy's own.

The policies are found by listing their folder, so a new file is tried without being named here. What a policy lets
its window help is the policy's own business (`permits`); that it stays within `helps` and never reaches a restricted
queue is not.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plans import QUEUES, a_plan, queue, window
from playing import GUIDE, SUPERVISOR, Play

import controller.core.routing
from controller.core import routing
from controller.core.state import Ticket, WindowState
from hall import commands as c
from hall import events as e
from hall.names import ORDINARY, Origin, Place, Rule, Stage
from hall.plan.model import Plan, Window

SHARED = ("__init__", "order")
FOLDER = Path(str(controller.core.routing.__file__)).parent
POLICIES = sorted(file.stem for file in FOLDER.glob("*.py") if file.stem not in SHARED)
NEVER_S = 10_000_000
Begin = Callable[[Plan], Play]

few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_the_two_cycles_of_the_document_are_there() -> None:
    assert {"large_cycle", "small_cycle"} <= set(POLICIES)


# -- random halls --------------------------------------------------------------------------------------------------


@st.composite
def halls(draw: st.DrawFn, policy: str) -> Plan:
    """Three queues, some restricted, with their bounds and ageing; two to four windows of this policy."""
    queues = {
        name: queue(
            name,
            restricted=draw(st.booleans()) if name != "large" else False,
            ageing_percent=draw(st.sampled_from((50, 100, 100, 100, 300))),
            finally_by_s=draw(st.sampled_from((120, 600, NEVER_S))),
        )
        for name in QUEUES
    }
    windows: dict[str, Window] = {}
    for seat in range(1, draw(st.integers(2, 4)) + 1):
        units = tuple(draw(st.lists(st.sampled_from(("general", "tax", "post")), min_size=1, max_size=3, unique=True)))
        own = window("A01", units, seat).queues
        others = tuple(draw(st.permutations([q for q in QUEUES if q not in own])))
        windows[f"A0{seat}"] = window(
            f"A0{seat}", units, seat, policy=policy, helps=others[: draw(st.integers(0, 2))],
            help_when=draw(st.sampled_from(("idle", "bound", "ratio"))),
            help_bound_s=draw(st.sampled_from((60, 300))), help_every=draw(st.integers(1, 3)),
        )  # fmt: skip
    ratio = {side: draw(st.integers(1, 3)) for side in ("priority", "ordinary", "in_a_row")}
    return a_plan(windows=windows, queues=queues, priority=ratio, issue_unstaffed=True, guard_s=0, call_unprinted=False)


arrivals = st.lists(
    st.tuples(
        st.sampled_from(("now", "now", "tax", "post")),
        st.sampled_from((ORDINARY, ORDINARY, "elderly")),
        st.integers(0, 200),
        st.sampled_from(("", "", "", "direct", "aside", "first", "jump")),
    ),
    min_size=1,
    max_size=18,
)


def _arrive(play: Play, entry: str, priority: str, later_s: int, fate: str) -> None:
    """One citizen comes, and perhaps something is done with the ticket at once."""
    play.at(seconds=later_s).settle()
    kiosk = "A-K1" if fate == "aside" else ""
    ask = c.IssueTicket(entry, priority=priority, origin=Origin.GUIDE, reason="老人", kiosk=kiosk)
    play.as_(GUIDE, ask)
    issued = play.answer[0]
    assert isinstance(issued, e.TicketIssued), issued
    if fate == "aside":
        play >> c.ReportUnprinted(issued.number, issued.job, "paper_out")
    elif fate in ("direct", "first"):
        target = next(iter(play.state.windows))
        to = {"to_window": target} if fate == "direct" else {"to_queue": issued.queue, "place": Place.FIRST}
        play.as_(SUPERVISOR, c.TransferTicket(issued.number, **to))  # type: ignore[arg-type]
    elif fate == "jump":
        play.at(seconds=-30)


# -- the naive look ------------------------------------------------------------------------------------------------


def _helpable(play: Play, at: WindowState) -> set[str]:
    """What the policy permits now; the wall every policy stands behind is checked on the way."""
    permitted = {q for q, _ in routing.policy(at.plan.policy).permits(play.state, at, play.now)}
    assert permitted <= set(at.helps)
    assert not any(play.state.queues[q].plan.restricted for q in permitted)
    return permitted


def _servable(play: Play, at: WindowState) -> list[Ticket]:
    """Every ticket this window may call now, found by looking at all of them."""
    queues = {*at.plan.queues, *_helpable(play, at)}
    waiting = [t for t in play.state.tickets.values() if t.stage is Stage.WAITING and not t.aside]
    return [t for t in waiting if (t.window == at.plan.id if t.window else t.queue in queues)]


def _check_call(play: Play, name: str) -> None:
    """One CallNext at one window, against the naive look; whoever is called is served at once."""
    at = play.state.windows[name]
    servable, now = _servable(play, at), play.now
    own_waits = any(t.queue in at.plan.queues and not t.window for t in servable)
    directed = {t.number for t in servable if t.window}
    late = min(((t.due_at, t.place[2]) for t in servable if t.due_at <= now and not t.window), default=None)
    play >> c.CallNext(name)
    event = play.answer[0]
    if not isinstance(event, e.TicketCalled):
        assert servable == [], f"{name} calls nobody, {[t.number for t in servable]} wait"
        return
    chosen = play.state.tickets[event.number]
    assert chosen.number in {t.number for t in servable}
    if directed:
        assert event.why.rule is Rule.DIRECTED
        assert chosen.number in directed
    elif late:
        assert event.why.rule is Rule.FINALLY
        assert (chosen.due_at, chosen.place[2]) == late, "somebody passed the bound earlier"
    elif event.why.rule is Rule.HELP:
        assert not own_waits, "helped while its own people waited"
    assert event.why.queue == chosen.queue
    play >> c.StartService(name) >> c.FinishService(name)


@pytest.mark.parametrize("policy", POLICIES)
@few
@given(data=st.data())
def test_the_four_promises(policy: str, data: st.DataObject) -> None:
    play = Play(data.draw(halls(policy)))
    for arrival in data.draw(arrivals):
        _arrive(play, *arrival)
    for later_s in data.draw(st.lists(st.integers(0, 400), min_size=1, max_size=12)):
        play.at(seconds=later_s).settle()
        _check_call(play, data.draw(st.sampled_from(sorted(play.state.windows))))
    play.check_replay()


@pytest.mark.parametrize("policy", POLICIES)
def test_a_restricted_queue_is_never_helped_however_long_it_waits(policy: str, a_play: Begin) -> None:
    windows = {
        "A01": window("A01", ("general",), 1, policy=policy, helps=("tax", "post"), help_when="bound", help_bound_s=1),
        "A03": window("A03", ("tax",), 3, policy=policy),
    }
    play = a_play(a_plan(windows=windows, queues={q: queue(q, ageing_percent=10_000) for q in QUEUES}))
    play.issue("tax", count=3)
    play.at(minutes=50)
    assert play.call("A01") == ""
    assert play.call("A03") == "AS0001"


@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_says_whom_it_favours_and_who_might_starve(policy: str) -> None:
    doc = (routing.policy(policy).__doc__ or "").lower()
    assert "favours" in doc and "starve" in doc


# -- the priority lane ---------------------------------------------------------------------------------------------


@few
@given(priority=st.integers(1, 4), ordinary=st.integers(1, 4), in_a_row=st.integers(1, 4))
def test_priority_is_a_ratio_never_strict_and_nobody_starves(priority: int, ordinary: int, in_a_row: int) -> None:
    ratio = {"priority": priority, "ordinary": ordinary, "in_a_row": in_a_row}
    play = Play(a_plan(priority=ratio, guard_s=0, queues={q: queue(q, finally_by_s=NEVER_S) for q in QUEUES}))
    for kind in ("elderly", ORDINARY) * 40:
        play.as_(GUIDE, c.IssueTicket("now", priority=kind, origin=Origin.GUIDE, reason="老人"))
    lanes = [play.state.tickets[play.serve("A01")].lane for _ in range(40)]
    runs = _runs(lanes)
    assert max(count for lane, count in runs if lane == "priority") <= in_a_row
    most_ordinary = max(1, -(-ordinary // priority)) + 1
    assert max(count for lane, count in runs if lane == ORDINARY) <= most_ordinary
    share = min(priority / (priority + ordinary), in_a_row / (in_a_row + 1))
    assert abs(lanes.count("priority") - share * 40) <= 2
    numbers = [call.event.number for call in play.log if isinstance(call.event, e.TicketCalled)]
    for lane in ("priority", ORDINARY):
        of_lane = [n for n in numbers if play.state.tickets[n].lane == lane]
        assert of_lane == sorted(of_lane), "first come first served within a lane"


def _runs(lanes: list[str]) -> list[tuple[str, int]]:
    runs: list[tuple[str, int]] = []
    for lane in lanes:
        if runs and runs[-1][0] == lane:
            runs[-1] = (lane, runs[-1][1] + 1)
        else:
            runs.append((lane, 1))
    return runs


def test_why_is_kept_with_the_call(play: Play) -> None:
    play.as_(GUIDE, c.IssueTicket("now", priority="elderly", origin=Origin.GUIDE, reason="老人"))
    play.issue()
    play.at(seconds=75)
    play.call("A01")
    call = play.answer[0]
    assert isinstance(call, e.TicketCalled)
    assert call.why == e.CallReason(Rule.PRIORITY, "large", "priority", contended=True, waited_s=83, waiting=2)


# -- the cycles ----------------------------------------------------------------------------------------------------


def test_large_cycle_takes_the_oldest_of_all_its_queues(a_play: Begin) -> None:
    play = a_play(a_plan(windows={"A01": window("A01", ("general", "post", "tax"), 1, policy="large_cycle")}))
    order = [play.issue(entry) for entry in ("post", "now", "tax", "post", "now")]
    assert [play.serve("A01") for _ in order] == order


def test_large_cycle_helps_when_its_own_queues_are_empty(a_play: Begin) -> None:
    windows = {
        "A01": window("A01", ("general",), 1, policy="large_cycle", helps=("post",)),
        "A04": window("A04", ("post",), 4),
    }
    play = a_play(a_plan(windows=windows, queues={q: queue(q, finally_by_s=60) for q in QUEUES}))
    post, own = play.issue("post"), play.issue("now")
    play.at(minutes=5)
    assert [play.serve("A01") for _ in range(3)] == [own, post, ""]


def test_ageing_weighs_one_queues_wait_against_another(a_play: Begin) -> None:
    queues = {q: queue(q, ageing_percent=300 if q == "post" else 100) for q in QUEUES}
    windows = {"A01": window("A01", ("general", "post"), 1, policy="large_cycle")}
    play = a_play(a_plan(windows=windows, queues=queues))
    old = play.issue("now")
    play.at(seconds=60)
    young = play.issue("post")
    play.at(seconds=20)
    assert play.serve("A01", seconds=1) == old  # 88 s against 3 x 28 s
    old = play.issue("now")
    play.at(seconds=5)
    assert play.serve("A01", seconds=1) == young
    assert play.serve("A01", seconds=1) == old


def _helper(a_play: Begin, **more: Any) -> Play:
    windows = {
        "A01": window("A01", ("general",), 1, helps=("post",), **more),
        "A04": window("A04", ("post",), 4),
    }
    return a_play(a_plan(windows=windows, queues={q: queue(q, finally_by_s=NEVER_S) for q in QUEUES}))


def test_small_cycle_helps_when_idle_only(a_play: Begin) -> None:
    play = _helper(a_play)
    post, own = play.issue("post"), play.issue("now")
    play.at(minutes=90)
    assert play.serve("A01") == own
    assert play.serve("A01") == post
    assert _rule(play, post) is Rule.HELP


def test_small_cycle_helps_past_a_bound(a_play: Begin) -> None:
    play = _helper(a_play, help_when="bound", help_bound_s=300)
    first, post = play.issue("now"), play.issue("post")
    play.at(seconds=200)
    assert play.serve("A01", seconds=1) == first
    second = play.issue("now")
    play.at(seconds=100)
    assert play.serve("A01", seconds=1) == post
    assert _rule(play, post) is Rule.HELP_BOUND
    assert play.serve("A01", seconds=1) == second


def test_small_cycle_helps_by_ratio(a_play: Begin) -> None:
    play = _helper(a_play, help_when="ratio", help_every=3)
    play.issue("now", count=12)
    play.issue("post", count=5)
    order = "".join("p" if play.serve("A01", seconds=1).startswith("AP") else "o" for _ in range(12))
    assert order == "ooopooopooop"


def test_a_window_helps_nobody_unless_the_plan_says_so(play: Play) -> None:
    play.issue("post")
    play.at(minutes=60)
    assert play.call("A01") == ""


def test_past_the_bound_goes_before_everything_but_directed(a_play: Begin) -> None:
    windows = {"A01": window("A01", ("general", "post"), 1), "A02": window("A02", ("general",), 2)}
    play = a_play(a_plan(windows=windows, queues={q: queue(q, finally_by_s=600) for q in QUEUES}))
    late = play.issue("post")
    play.at(seconds=605)
    directed = play.issue("now")
    play.as_(GUIDE, c.IssueTicket("now", priority="elderly", origin=Origin.GUIDE, reason="老人"))
    play.as_(SUPERVISOR, c.TransferTicket(directed, to_window="A01"))
    order = [play.serve("A01", seconds=1) for _ in range(3)]
    assert order == [directed, late, "A0002"]
    assert [_rule(play, number) for number in order] == [Rule.DIRECTED, Rule.FINALLY, Rule.PRIORITY]


def _rule(play: Play, number: str) -> Rule:
    return next(r.event.why.rule for r in play.log if isinstance(r.event, e.TicketCalled) and r.event.number == number)
