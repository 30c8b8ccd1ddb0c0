"""The planted bugs: what is wrong, in which file, by which words; and the promises that may be named when it is found.

Many of them are real ones of systems like this one; `promises` are the rows of docs/invariants.md.
"""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """One bug. `words`: (file, what stands there once, what stands there instead)."""

    name: str
    bug: str
    promises: tuple[str, ...]
    words: tuple[tuple[str, str, str], ...]


CORE, SHELL = "controller/core", "controller/shell"

MUTANTS: tuple[Mutant, ...] = (
    Mutant("no_dedup", "a letter that comes twice is decided twice", ("I1", "I7", "I8"), (
        (f"{SHELL}/keeper.py", "if letter.id in self.state.answered:", "if letter.id == '':"),
    )),
    Mutant("lifo", "the last to come is called first", ("I5",), (
        (f"{CORE}/lanes.py", "return waiting[0][1] if waiting else None", "return waiting[-1][1] if waiting else None"),
    )),
    Mutant("called_stays", "a called ticket stays in its queue", ("I2", "I6"), (
        (f"{CORE}/evolving.py", "    _stop_waiting(state, ticket)\n    ticket = _step(state, event, rec.recorded)\n"
         "    window = state.windows[event.window]\n    window.own_calls",
         "    ticket = _step(state, event, rec.recorded)\n    window = state.windows[event.window]\n"
         "    window.own_calls"),
    )),
    Mutant("speaks_first", "answers leave before the journal has them", ("I4",), (
        (f"{SHELL}/keeper.py", "            await self._write(now)\n            fresh, self._fresh = self._fresh, []\n"
         "            self.speaker.events(fresh)\n",
         "            self.speaker.events(list(self._fresh))\n            self.speaker.changed()\n"
         "            await self._write(now)\n            self._fresh = []\n"),
    )),
    Mutant("counts_anew", "numbers begin anew when the controller starts", ("I1", "I25"), (
        (f"{CORE}/evolving.py", "    state.seq, state.epoch = recorded.seq, recorded.epoch\n",
         "    if state.epoch != recorded.epoch:\n        state.prefixes.clear()\n"
         "    state.seq, state.epoch = recorded.seq, recorded.epoch\n"),
    )),
    Mutant("wraps", "the counter wraps behind the last number of its width", ("I1",), (
        (f"{CORE}/deciding/issuing.py", "count = state.prefixes.get(queue.plan.prefix, 0) + 1",
         "count = state.prefixes.get(queue.plan.prefix, 0) % (10**queue.plan.digits - 1) + 1"),
    )),
    Mutant("skips_reserved_not", "yesterday's number of somebody who waits is given again", ("I1", "I6", "I13"), (
        (f"{CORE}/deciding/issuing.py", ") in state.reserved:", ") in ():"),
    )),
    Mutant("utc_day", "the business day is the date in UTC", ("I13",), (
        ("hall/calendar.py", "    wall = local(instant, zone_name)\n    started", '    wall = local(instant, "UTC")\n'
         "    started"),
    )),
    Mutant("turn_loses_people", "who waits at the turn of the day is forgotten", ("I6", "I13"), (
        (f"{CORE}/carrying.py", "if t.stage not in TERMINAL)", "if t.stage not in (*TERMINAL, Stage.WAITING))"),
    )),
    Mutant("strict_priority", "people with priority always first", ("I5",), (
        (f"{CORE}/routing/order.py", "if queue.run >= priority.in_a_row:", "if queue.run < 0:"),
        (f"{CORE}/routing/order.py", "even = queue.taken_priority * priority.ordinary <= "
         "queue.taken_ordinary * priority.priority", "even = True"),
    )),
    Mutant("no_bound", "nobody ever passes the bound of waiting", ("I5",), (
        (f"{CORE}/routing/order.py", "    if not late:\n", "    if late is not None:\n"),
    )),
    Mutant("helps_restricted", "a window may be set to help a restricted queue", ("I3", "I5"), (
        (f"{CORE}/deciding/supervising.py", "if state.queues[queue].plan.restricted:", "if queue == '':"),
        (f"{CORE}/lanes.py", "if q not in window.own and not state.queues[q].plan.restricted)",
         "if q not in window.own)"),
    )),
    Mutant("any_number", "a window may call any number that waits", ("I3", "I5"), (
        (f"{CORE}/deciding/calling.py", "if ticket.window or may_serve(state, window, ticket.queue):",
         "if ticket.number:"),
    )),
    Mutant("helps_first", "a window helps others before its own people", ("I5",), (
        (f"{CORE}/routing/small_cycle.py", "    if not any(state.queues[q].ages for q in window.own):\n",
         "    if free:\n"),
        (f"{CORE}/routing/__init__.py", "        or order.best(state, own, now)\n"
         "        or order.best(state, helps, now)\n",
         "        or order.best(state, helps, now)\n        or order.best(state, own, now)\n"),
    )),
    Mutant("return_is_new", "a no-show that returns has a new time of issue", ("I5", "I11", "I18"), (
        (f"{CORE}/evolving.py", "    ticket.returns += 1\n",
         "    ticket.returns += 1\n    ticket.issued_at = rec.recorded\n"),
    )),
    Mutant("returns_first", "a no-show that returns goes before everybody", ("I5",), (
        (f"{CORE}/deciding/issuing.py", "lanes.behind_nth(queue, state.rules.options.return_after, ticket.place[2])",
         "lanes.behind_nth(queue, 0, ticket.place[2])"),
    )),
    Mutant("transfer_loses_place", "who is transferred goes to the end", ("I5", "I11"), (
        (f"{CORE}/deciding/serving.py", "    return (arrival, 0, arrival)\n",
         "    return (state.seq + 1, 0, arrival)\n"),
    )),
    Mutant("rates_unserved", "somebody who was not served may rate", ("I15",), (
        (f"{CORE}/deciding/rating.py",
         "if ticket is None or ticket.stage is not Stage.SERVED or ticket.window != ask.window:",
         "if ticket is None:"),
        (f"{CORE}/deciding/rating.py", "window=ticket.window, staff", "window=ask.window, staff"),
    )),
    Mutant("rates_twice", "a service may be rated twice", ("I15",), (
        (f"{CORE}/deciding/rating.py", "    if ticket.rated:\n", "    if ticket.rated and ticket.number == '':\n"),
    )),
    Mutant("rates_late", "a service may be rated hours later", ("I15",), (
        (f"{CORE}/deciding/rating.py", "rating_open_s * 1000:", "rating_open_s * 100_000_000:"),
    )),
    Mutant("recalls_for_ever", "one citizen is called again and again", ("I2", "I12"), (
        (f"{CORE}/deciding/calling.py", "if ticket.recalls >= state.rules.options.recall_limit:",
         "if ticket.recalls < 0:"),
    )),
    Mutant("no_guard", "the next one may be called at once", ("I20",), (
        (f"{CORE}/deciding/calling.py",
         "    if elapsed_s(window.called_at, now) < state.rules.options.guard_s:\n"
         "        return no(letter, Why.TOO_SOON)\n    closing",
         "    closing"),
    )),
    Mutant("no_show_at_once", "one unheard call is enough for a no-show", ("I12",), (
        (f"{CORE}/deciding/calling.py", "    if 1 + ticket.recalls < options.no_show_after_calls:\n",
         "    if False:\n"),
    )),
    Mutant("copy_unmarked", "a second slip looks like the first", ("I9", "I1"), (
        ("kiosk/slips.py", 'copy_mark=say("slip.copy", lang, n=job.copy) if job.copy else ""', 'copy_mark=""'),
    )),
    Mutant("stale_backlog", "a machine that comes back prints what nobody waits for", ("I9",), (
        (f"{CORE}/deciding/printing.py", "    if now > job.expires:\n", "    if now < 0:\n"),
        (f"{CORE}/deciding/days.py", "if job.deadline <= now]", "if job.deadline < 0]"),
        (f"{CORE}/waking.py", "(state.phase_until, _next_deadline(state), _unanswered(state))",
         "(state.phase_until, _unanswered(state))"),
    )),
    Mutant("unprinted_called", "somebody whose slip is not certain is called although the plan says no", ("I5", "I9"), (
        (f"{CORE}/lanes.py", "return ticket.slip is SlipStage.UNPRINTED and not "
         "state.rules.options.call_unprinted", "return False"),
    )),
    Mutant("older_panel", "a panel goes back to what it showed before", ("I19",), (
        ("displays/panel.py",
         "if known is not None and (view.epoch, view.revision) < (known.epoch, known.revision):",
         "if known is None and view.epoch < 0:"),
    )),
    Mutant("older_keypad", "a keypad goes back to what it showed before", ("I19",), (
        ("caller/standing.py", "return known is None or (view.epoch, view.revision) >= (known.epoch, known.revision)",
         "return True"),
    )),
    Mutant("by_the_clock", "people stand by the wall clock", ("I5", "I28"), (
        (f"{CORE}/evolving.py", "place=(rec.seq, 0, rec.seq),", "place=(rec.recorded, 0, rec.seq),"),
    )),
    Mutant("closed_serves", "a window that is paused or closed goes on calling", ("I10", "I16"), (
        (f"{CORE}/deciding/saying.py", "return known if known.serves else Why.NOT_OPEN", "return known"),
    )),
    Mutant("two_at_a_window", "a second member of staff logs in at a window", ("I16",), (
        (f"{CORE}/deciding/windows.py", "    if window.staff:\n        return no(letter, Why.WINDOW_TAKEN)\n", ""),
    )),
    Mutant("at_two_windows", "a member of staff logs in at two windows", ("I16",), (
        (f"{CORE}/deciding/windows.py", "    if ask.elsewhere or here:\n", "    if ask.elsewhere and here == '':\n"),
    )),
    Mutant("parked_called", "a parked no-show is called", ("I2", "I6"), (
        (f"{CORE}/deciding/calling.py", "    if not allows(ticket.stage, e.TicketCalled):\n", "    if False:\n"),
    )),
    Mutant("full_issues", "a full queue goes on giving numbers", ("I10",), (
        (f"{CORE}/deciding/issuing.py", "    if queue.waiting >= queue.plan.max_waiting:\n", "    if False:\n"),
    )),
    Mutant("closed_issues", "a closed hall goes on giving numbers", ("I10",), (
        (f"{CORE}/deciding/issuing.py", "    if not state.issuing:\n", "    if False:\n"),
    )),
    Mutant("closing_drops", "people who wait at closing time are dropped against the plan", ("I6", "I10"), (
        (f"{CORE}/deciding/days.py", 'if state.rules.options.at_close == "serve":', 'if state.day == "":'),
    )),
    Mutant("epoch_stays", "a restarted controller keeps its epoch", ("I27", "I19"), (
        (f"{SHELL}/keeper.py", "max(await self.journal.last_epoch() + 1, now // 1000)",
         "(await self.journal.last_epoch() or now // 1000)"),
    )),
    Mutant("says_it_once", "a letter asked again is not answered again", ("I31", "I8"), (
        (f"{SHELL}/keeper.py", "        for cause in dict.fromkeys(again):\n", "        for cause in ():\n"),
    )),
    Mutant("pause_keeps_people", "people directed to a window that pauses wait there for ever", ("I10",), (
        (f"{CORE}/deciding/windows.py", "    back = _leaving(state, window, Back.PAUSED)\n", "    back = ()\n"),
    )),
    Mutant("ahead_below_nothing", "the slip says one person too few", ("I18",), (
        (f"{CORE}/lanes.py", "        return prio + ordinary\n", "        return prio + ordinary - 1\n"),
    )),
    Mutant("lost_on_hold", "a held ticket is forgotten by its window", ("I6", "I10", "I31"), (
        (f"{CORE}/evolving.py", "    window.held.append(event.number)\n", ""),
    )),
    Mutant("speaks_twice", "a call that comes twice is spoken twice", ("I21",), (
        ("displays/fresh.py", "if (recorded.epoch, recorded.seq) <= self._last:",
         "if (recorded.epoch, recorded.seq) < self._last:"),
        ("displays/voice/waiting.py", "            if other.window == call.window and other.number == call.number:\n",
         "            if False:\n"),
    )),
    Mutant("speaks_any_order", "a call that overtook another on its way is spoken before it", ("I21",), (
        ("displays/fresh.py", "if (recorded.epoch, recorded.seq) <= self._last:",
         "if (recorded.epoch, recorded.seq) == self._last:"),
    )),
    Mutant("speaks_old", "an old call is spoken", ("I21",), (
        ("displays/fresh.py", "return now - at > self._expires_ms", "return now < 0"),
    )),
    Mutant("speaks_answered", "a call is spoken although the citizen has come", ("I21",), (
        ("displays/voice/waiting.py", "            if holds(call):\n", "            if call.number:\n"),
    )),
    Mutant("speaks_newest", "the newest call is spoken first", ("I21",), (
        ("displays/voice/waiting.py", "            call = self._calls.popleft()\n",
         "            call = self._calls.pop()\n"),
    )),
    Mutant("copies_uncounted", "each second slip is copy 1", ("I9",), (
        (f"{CORE}/deciding/printing.py", "copy = state.tickets[number].copies + 1", "copy = 1"),
    )),
    Mutant("counts_on", "numbers go on from yesterday's", ("I1", "I13"), (
        (f"{CORE}/evolving_days.py", "state.aside, state.prefixes, state.desks,", "state.aside, state.desks,"),
    )),
    Mutant("half_a_batch", "of what one letter caused only the first event is written", ("I1", "I4", "I24", "I25"), (
        (f"{SHELL}/keeper.py", "[row(record) for record in self._fresh]",
         "[row(record) for record in self._fresh[:1]]"),
    )),
    Mutant("last_not_folded", "a start does not read the journal's last event", ("I1", "I4", "I6", "I24", "I25"), (
        (f"{SHELL}/keeper.py", "in await self.journal.open():", "in (await self.journal.open())[:-1]:"),
    )),
    Mutant("epoch_by_the_clock", "a controller started under a clock set back is not believed", ("I19", "I27"), (
        (f"{SHELL}/keeper.py", "max(await self.journal.last_epoch() + 1, now // 1000)", "now // 1000"),
    )),
    Mutant("void_still_waits", "who was taken out still stands in the queue", ("I2", "I6"), (
        (f"{CORE}/evolving.py", "    ticket = state.tickets[event.number]\n    _out(state, ticket, ticket.stage)\n"
         "    _step(state, event, rec.recorded)\n\n\nTABLE", "    _step(state, event, rec.recorded)\n\n\nTABLE"),
    )),
    Mutant("handed_back_last", "who is handed back goes to the end", ("I5", "I11"), (
        (f"{CORE}/evolving.py", "ticket.place = (ticket.place[2], 0, ticket.place[2])",
         "ticket.place = (rec.seq, 0, ticket.place[2])"),
    )),
    Mutant("locked_by_the_clock", "a clock set back locks the windows", ("I28",), (
        (f"{CORE}/deciding/saying.py", 'return (now - since) / 1000 if now >= since else float("inf")',
         "return (now - since) / 1000"),
    )),
    Mutant("estimate_grows", "the estimate counts the services of the whole day", ("I18",), (
        (f"{CORE}/evolving.py", "queue.services_sum -= queue.services.popleft()", "queue.services.popleft()"),
    )),
    Mutant("forgets_answers", "a start forgets which letters were answered", ("I1", "I7", "I8", "I25"), (
        (f"{CORE}/evolving.py", "    state.seq, state.epoch = recorded.seq, recorded.epoch\n",
         "    if state.epoch != recorded.epoch:\n        state.answered.clear()\n"
         "    state.seq, state.epoch = recorded.seq, recorded.epoch\n"),
    )),
)  # fmt: skip
