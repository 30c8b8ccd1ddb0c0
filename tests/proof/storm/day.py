"""A seed from its morning to a quiet evening: everybody is put in place, faults are laid out, then time runs.

done = Day(seed).live()          Broken when a promise did not hold where somebody could see it
"""

from __future__ import annotations

from typing import NamedTuple

from playing import check_books

from controller.core.canon import canonical_hash
from hall import commands as c
from hall import events as e
from hall.events import Recorded
from hall.names import Role
from hall.plan import plan_hash
from hall.plan.model import Plan
from hall.views import JobsView, PanelView, View, WindowView
from storm.edge import Edge
from storm.judge import judge
from storm.keeping import Controller
from storm.kiosks import Kiosk
from storm.people import Citizen, Desk
from storm.strangers import Stranger
from storm.voices import Voice
from storm.weather import HOUR, MINUTE, MONDAY, SERVED_MEAN_S, SPARES, another_plan, draw
from storm.windows import Line, Window
from storm.wires import Asks, Wires
from storm.world import Broken, World

ENTRIES = (("now", "general", 0.52), ("tax", "tax", 0.29), ("post", "post", 1.0))
SHAPE = (0.6, 1.25, 1.4, 1.1, 0.8, 1.1, 1.15, 0.6)  # arrivals hour by hour, the peak at ten and eleven
QUIET_MS = 110 * MINUTE + 37_000  # from the last fault to the evening, and on for as long as people are called
REFOLDED_EACH = 3  # seeds whose journal is folded anew in the evening; restarts in the day fold it too
OUTAGE_MS = (800, 6000)
JUMPS_MS = (-3 * HOUR, -10 * MINUTE, -30_000, 45_000, 10 * MINUTE, 3 * HOUR)
SITS_DOWN = (e.TicketIssued, e.TicketReturned, e.TicketHandedBack, e.TicketTransferred, e.SlipPrinted)
LEAVES = (e.TicketHeld, e.TicketTransferred, e.TicketHandedBack, e.TicketNoShow, e.ServiceFinished)
CONCERN = (*LEAVES, e.TicketResumed, e.SlipUnprinted)  # what people hear of, beside what is lit
BACK_AGAIN_MS = 7 * MINUTE  # somebody notices a clock that is wrong


class Done(NamedTuple):
    """What a seed was worth."""

    days: int
    tickets: int
    events: int
    called: int
    judged: int


class Day:
    """One hall under one seed."""

    def __init__(self, seed: int, tracing: bool = False) -> None:
        self.weather = draw(seed)
        self.hall = self.weather.plan.halls["A"]
        self.opens = (1 if self.weather.through_the_turn else 9) * HOUR
        self.world = World(seed, MONDAY + self.opens - 10 * MINUTE, tracing)
        self.world.stages = self._stages
        self.case_mean_ms = SERVED_MEAN_S * 1000 * 0.8
        self.tickets = self.called = 0
        self.edge = Edge(self)
        self.wires = Wires(self.world, self.weather)
        self.asks = Asks(self.world, self.wires, self.weather.plan.site.id, "A")
        self.wires.stage_of = self._stage_of
        self.controller = Controller(self.world, self.weather, self.wires, self.asks, self._durable)
        self.asks.hears = self.controller.heard
        self.controller.shown = self._shown
        self.voice = Voice(self)
        if self.weather.voice:
            self.controller.called = self.voice.told
        self._plans = {plan_hash(self.weather.plan): self.weather.plan}
        line = Line(self, list(self.hall.windows.values()))
        self.kiosks = [Kiosk(self, name) for name in self.hall.kiosks]
        self.windows = {name: Window(self, place, line) for name, place in self.hall.windows.items()}
        self.people: dict[str, Citizen] = {}
        self.guide = Desk(self, "2001", "guide-1", Role.GUIDE)
        self.supervisor = Desk(self, "3001", "console-1", Role.SUPERVISOR)
        self.stranger = Stranger(self.world.dice, self)
        self._machine = {kiosk.name: kiosk for kiosk in self.kiosks}

    def live(self, judged: bool = False) -> Done:
        """All its days; `judged`: the offline judge looks at the journal too."""
        facts = 0
        self.controller.boot()
        for number in range(self.weather.days):
            self._one_day(MONDAY + number * 24 * HOUR + self.opens)
        if judged:
            facts = judge(self.controller.disk, self.weather.plan.site.id, "A")
        try:
            check_books(self.controller.state)
        except AssertionError as fault:
            raise Broken("I6", f"the books: {fault}", at=self.world.t) from fault
        return Done(self.weather.days, self.tickets, self.edge.heard, self.called, facts)

    def over(self) -> None:
        """Lets go of everything: without circles the garbage collector has nothing to do."""
        parts = (*self.kiosks, *self.windows.values(), *vars(self).values())
        self.world.forget()
        for part in parts:
            if hasattr(part, "__dict__") and type(part).__module__.startswith("storm."):
                vars(part).clear()

    def _one_day(self, opens: int) -> None:
        world, night = self.world, opens + 8 * HOUR - 20 * MINUTE
        world.run(opens - 2 * MINUTE)
        world.calm = False
        for window in self.windows.values():
            window.think_in(2 * MINUTE)
        self._people_come(opens)
        self._faults(opens, night)
        world.run(night)
        world.calm = True
        if world.offset:
            self.controller.jump(-world.offset)
        world.after(5 * MINUTE, self._tidy)
        world.run(night + QUIET_MS)
        called = -1
        while self.controller.state.waiting and called < self.called:  # a queue too long for its windows, not a fault
            called = self.called
            world.run(world.t + 20 * MINUTE)
        self.edge.evening()
        if self.weather.seed % REFOLDED_EACH:
            return
        if canonical_hash(self.controller.state) != self.controller.refolded():
            raise Broken("I25", "the journal folded anew is not the state that was", at=world.t)

    # -- laying out ----------------------------------------------------------------------------------------------------

    def _people_come(self, opens: int) -> None:
        dice = self.world.dice
        self._next_comes(opens, opens)
        for when in (opens - 40_000, opens + 8 * HOUR + 10_000):
            self.world.at(when, self._somebody)  # too early, too late
        self.world.at(opens + 20 * MINUTE, self.supervisor.walks_round)
        for _ in range(self.weather.breaks):
            self.world.at(opens + dice.randint(20, 420) * MINUTE, self._break)

    def _next_comes(self, opens: int, when: float) -> None:
        """Whoever comes next, hour by hour in the day's shape; one at a time, so the world's heap stays small."""
        for hour in range(int(when - opens) // HOUR, len(SHAPE)):
            when += self.world.dice.expovariate(self.weather.per_minute * SHAPE[hour] / MINUTE)
            end = opens + (hour + 1) * HOUR
            if when < min(end, opens + 8 * HOUR - 25 * MINUTE):
                self.world.at(int(when), self._comes, opens, when)
                return
            when = float(end)

    def _comes(self, opens: int, when: float) -> None:
        self._next_comes(opens, when)
        self._somebody()

    def _somebody(self) -> None:
        dice = self.world.dice
        roll = dice.random()
        entry, unit = next((entry, unit) for entry, unit, to in ENTRIES if roll <= to)
        citizen = Citizen(self, entry, unit)
        if dice.random() < self.weather.elderly:
            self.guide.gives_number(citizen)
        else:
            citizen.comes()

    def _break(self) -> None:
        """Somebody goes for tea; a spare tries another chair meanwhile, perhaps one that is taken."""
        window = self.world.dice.choice(list(self.windows.values()))
        self.world.dice.choice(list(self.windows.values())).sits_down(self.who_sits(window))
        window.break_until = self.world.t + self.world.between(3, 20) * MINUTE

    def _faults(self, opens: int, night: int) -> None:
        """Each kind at its times of this day, drawn now."""
        dice, weather, at = self.world.dice, self.weather, self.world.at
        when = lambda: dice.randint(opens, night - 5 * MINUTE)  # noqa: E731 - once for each line below
        kinds = (
            (weather.crashes, self._kill), (weather.outages, self._outage), (weather.jumps, self._jump),
            (weather.printer_faults, self._printer), (weather.kiosk_kills, self._kill_kiosk),
            (weather.panel_cuts, self._cut_panel), (weather.displays_kills, self._kill_displays),
            (weather.strangers, self.stranger.asks), (weather.plan_changes, self._change_plan),
            (weather.voice_faults if weather.voice else 0, self._voice_fails),
        )  # fmt: skip
        for count, action in kinds:
            for _ in range(count):
                at(when(), action)

    def _kill(self) -> None:
        """At rest, or in the middle of the next commit."""
        how = self.world.dice.choice(("at rest", "tail lost", "tail lost", "kept and not told"))
        if not self.controller.up:
            return
        if how == "at rest":
            self.controller.crash(how)
        else:
            self.controller.doom = how

    def _outage(self) -> None:
        """The broker restarts, and with it goes what it remembered."""
        self.world.fault("broker restarted")
        self.wires.away_until = self.world.t + self.world.between(*OUTAGE_MS)
        self.world.at(self.wires.away_until, self.controller.broker_back)

    def _jump(self) -> None:
        ms = self.world.dice.choice(JUMPS_MS)
        self.controller.jump(ms)
        self.world.after(BACK_AGAIN_MS, self._set_right, ms)
        if self.world.chance(0.5):  # somebody who sets a clock starts things anew
            self.world.after(self.world.between(5000, 180_000), self._kill)

    def _set_right(self, ms: int) -> None:
        if self.world.offset:
            self.controller.jump(-ms)

    def _printer(self) -> None:
        fault = self.world.dice.choice(("paper_out", "cover_open", "cutter", "offline"))
        self.world.dice.choice(self.kiosks).breaks(fault, self.world.between(1, 12) * MINUTE)

    def _kill_kiosk(self) -> None:
        """Now, or when it has the next slip to print."""
        kiosk = self.world.dice.choice(self.kiosks)
        if self.world.chance(0.5):
            kiosk.doomed = True
        else:
            kiosk.kill()

    def _cut_panel(self) -> None:
        self.world.dice.choice(list(self.windows.values())).cut_panel(self.world.between(2000, 120_000))

    def _kill_displays(self) -> None:
        """All panels' gateway begins anew, with what stands at the broker."""
        self.world.fault("displays killed")
        self.controller.displays_life += 1
        for window in self.windows.values():
            window.new_panel()
        self.world.after(2000, self.controller.all_stand, ("panels",))

    def _voice_fails(self) -> None:
        self.world.dice.choice((self.voice.kill, self.voice.stuck))()

    def _change_plan(self) -> None:
        """Somebody edits the plan and starts the controller again."""
        self.world.fault("plan changed")
        plan = another_plan(self.world.dice, self.weather.plan, tuple(self.controller.state.seats))
        self._plans[plan_hash(plan)] = plan
        self.controller.replan(plan)
        if self.controller.up:
            self.controller.crash("for its new plan")

    def plan_adopted(self, hash_: str) -> Plan:
        """The hall says which plan holds from now on."""
        return self._plans[hash_]

    def _tidy(self) -> None:
        """The quiet evening begins: machines are whole, the supervisor lets everything go on."""
        for kiosk in self.kiosks:
            kiosk.mended()
        for stop in ("", "large", "tax", "post"):
            self.supervisor.ask(c.ResumeIssuing(stop), (e.Event,))
        self.controller.all_stand()
        for number in list(self.controller.state.aside):
            self.supervisor.reprints(number)
        for window in self.windows.values():
            window.break_until = 0
            window.think_in(1000)
        if self.controller.state.waiting or self.controller.state.aside:
            self.world.after(5 * MINUTE, self._tidy)

    # -- who hears what ------------------------------------------------------------------------------------------------

    def _durable(self, records: list[Recorded]) -> None:
        self.edge.hear(records)
        world = self.world
        if world.calm and any(type(record.event) in SITS_DOWN for record in records):
            for window in self.windows.values():  # by day they look round anyway
                window.think_in(5000)
        for record in records:
            event = record.event
            kind = type(event)
            if world.trace is not None:
                world.note(f"   {record.seq} {_told(event)}")
            if kind not in CONCERN:
                continue
            number = event.number  # type: ignore[attr-defined]  # each of CONCERN has one
            citizen = self.people.get(number)
            if citizen is not None:
                self._concerns(citizen, event)
            if kind is e.SlipUnprinted:
                self.world.after(self.world.between(15_000, 90_000), self.supervisor.reprints, number)

    def _concerns(self, citizen: Citizen, event: e.Event) -> None:
        """What a window's staff tells the one in front of it."""
        window = self.windows.get(citizen.at)
        if isinstance(event, LEAVES):
            if window is not None and window.present is citizen:
                window.present, window.served_until = None, 0
            citizen.goes_back()
        if isinstance(event, e.TicketNoShow) and event.window:
            citizen.missed(event.window)
        elif isinstance(event, e.TicketResumed) and not citizen.absent:
            citizen.sees(event.window)
        elif isinstance(event, e.ServiceFinished):
            del self.people[citizen.number]
            if window is not None and self.world.chance(0.3):
                level = self.world.between(1, 5)
                for _ in range(2 if self.world.chance(0.1) else 1):  # some press twice
                    self.world.after(self.world.between(2000, 60_000), window.rate, level, citizen.number)

    def _shown(self, topic: str, view: View | None) -> None:
        """A view reaches its room."""
        if isinstance(view, PanelView):
            self.windows[view.window].panel_view(view)
        elif isinstance(view, WindowView):
            self.windows[view.window].window_view(view)
            if self.weather.voice:
                self.voice.view(view)
        elif isinstance(view, JobsView):
            self._machine[view.kiosk].jobs(view)

    def lights(self, window: str, number: str) -> None:
        """A number is lit: whoever has it sees it."""
        citizen = self.people.get(number)
        if citizen is not None:
            citizen.sees(window)

    def has_number(self, citizen: Citizen) -> None:
        self.people[citizen.number] = citizen

    def somebody_sits(self, own: tuple[str, ...], helped: tuple[str, ...]) -> bool:
        """Are there people in the chairs that this window might call? Staff look up from the keypad."""
        queues = self.controller.state.queues
        return any(queues[q].ages for q in own if q in queues) or any(queues[q].ages for q in helped if q in queues)

    def who_sits(self, window: Window) -> str:
        """Who takes a chair that is empty: its own staff where it has one, or a spare."""
        own = self.controller.state.windows[window.id].plan.staff if self.world.chance(0.8) else ""
        return own or f"11{self.world.between(1, SPARES):02d}"

    # -- counting ------------------------------------------------------------------------------------------------------

    def _stages(self) -> tuple[str, ...]:
        tickets = self.controller.state.tickets.values()
        return tuple({t.stage.value for t in tickets}) or ("none",)

    def _stage_of(self, about: object) -> str:
        """The stage of the ticket a command, a view or a slip is about."""
        state = self.controller.state
        number = getattr(about, "number", "")
        if not number:
            window = state.windows.get(getattr(about, "window", ""))
            number = window.ticket if window is not None else ""
        ticket = state.tickets.get(number)
        return ticket.stage.value if ticket is not None else "none"


def _told(event: e.Event) -> str:
    """An event in one line."""
    shown = {n: getattr(event, n) for n in event.__struct_fields__ if n not in ("plan", "tickets", "windows", "names")}
    said = ", ".join(
        f"{name}={getattr(value, 'value', value)}" for name, value in shown.items() if value not in ("", 0)
    )
    return f"{type(event).__name__} {said}"[:200]
