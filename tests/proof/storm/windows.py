"""Windows: a keypad, a panel above it, and a member of staff who reads the one and lets the other be read.

Folding, the meaning of keys, what a keypad shows and which view a panel takes are the rooms' own code; a desk's
patience (caller/desk.py) is acted here. Staff believe their keypad, never the journal.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from caller.desk import PATIENCE_S, PRESSES_MAX, RATING_PATIENCE_S, REST_MS
from caller.folding import Folding
from caller.meaning import RATE, Step, steps
from caller.standing import Standing
from displays.panel import CHECK_S, Panel
from hall import commands as c
from hall import events as e
from hall.events import Recorded
from hall.names import Level, Role, Stage, WindowStatus
from hall.plan.model import Window as Place
from hall.plan.pressing import Meant, Pressing, Typed, Unclear
from hall.views import PanelView, WindowView

if TYPE_CHECKING:
    from storm.day import Day
    from storm.people import Citizen

Keys = tuple[int, ...]
KEYS: dict[str, Keys] = {
    "CallNext": (0x0C,), "Recall": (0x0D,), "Start": (0x11,), "Finish": (0x0B,), "Pause": (0x12,), "Hold": (0, 0x0F),
    "Resume": (3, 0x0F), "NoShow": (6, 0x0F), "HandBack": (5, 0x0F), "Matter": (2, 0x0F), "LogOut": (9, 0x0F),
    "Here": (7, 0x0F),
}  # fmt: skip
PATIENCE_MS, RATING_MS = int(PATIENCE_S * 1000), int(RATING_PATIENCE_S * 1000)
WAIT_FOR_CITIZEN_MS = 25_000  # a member of staff looks round before calling once more
REFUSED_MS = 20_000  # and does not try again at once when the hall said no
IDLE_PRESS = 0.05  # of the looks round an empty hall, the key is pressed all the same
SOMETHING_MORE = 0.02  # of the cases: one matter more, or another unit's, served at this window
BY_PHONE = 0.3  # of the ratings come from the page behind the slip's code
CALLS = ("CallNext", "CallNumber", "Recall")


class Line:
    """One wire with all keypads of the hall: what they show, and which frames are the same press."""

    def __init__(self, day: Day, windows: list[Place]) -> None:
        self.plan = day.hall.keypad_lines["A-1"]
        self.standing = Standing(windows, day.hall.queues)
        self.folding = Folding(self.plan.fold_ms)


class Window:
    """One window and whoever sits at it."""

    def __init__(self, day: Day, place: Place, line: Line) -> None:
        self.day, self.world, self.place, self.id, self.line = day, day.world, place, place.id, line
        assert place.seat is not None and place.panel is not None
        self.address = place.seat.address
        self.pressing = Pressing(line.plan)
        self.presses: deque[tuple[Meant, int, int]] = deque()  # meaning, until when, number of the press
        self.asked: list[Meant] = []
        self.words: dict[str, int] = {}
        self.present: Citizen | None = None  # stands before the window
        self.served_until = 0
        self.plan_for = ""  # what will be done with the one who is served
        self.looked = ("", 0)  # the number on the keypad, and since when
        self.break_until = 0
        self._busy = False  # a press is under way
        self._thinks_at = 0
        self.new_panel()
        self.box: tuple[str, ...] = ()  # what is lit
        self.box_off_until = 0

    # -- the panel -----------------------------------------------------------------------------------------------------

    def new_panel(self) -> None:
        """The displays room begins anew."""
        assert self.place.panel is not None
        self.panel = Panel(self.place, self.place.panel)
        self._painting = False

    def panel_view(self, view: PanelView) -> None:
        if self.panel.take(view) and not self._painting:
            self._painting = True
            self.world.after(self.world.between(15, 90), self._paint, self.panel)

    def _paint(self, panel: Panel) -> None:
        """One exchange with the box: it takes the newest view, or is without power and asked again."""
        if panel is not self.panel or panel.view is None:
            return
        if self.world.t < self.box_off_until:
            panel.failed("no_answer", "", self.world.t / 1000)
            self.world.after(max(250, int(panel.due_s * 1000) - self.world.t), self._paint, panel)
            return
        self._painting = False
        view = panel.view
        panel.succeeded(view, self.world.t / 1000)
        self.box = view.lines
        self.day.edge.lit(self.id, view)

    def cut_panel(self, ms: int) -> None:
        """Power gone: the box is dark and forgets; its gateway finds out when it checks."""
        self.world.fault("panel without power", self._stage())
        self.box, self.box_off_until = (), self.world.t + ms
        self.day.edge.dark(self.id)
        self.world.at(self.box_off_until + int(CHECK_S * 1000), self._paint, self.panel)

    # -- keys ----------------------------------------------------------------------------------------------------------

    def press(self, keys: Keys) -> None:
        """A finger on the keypad; the contact may bounce, the key may stick."""
        number = self.day.edge.pressed(self.id)
        self._frame(keys, number)
        world, weather = self.world, self.day.weather
        if world.calm:
            return
        if world.chance(weather.bounce):
            world.fault("key bounced", self._stage())
            for _ in range(world.dice.randint(1, 3)):
                world.after(world.dice.randint(1, 30), self._frame, keys, number)
        if world.chance(weather.stuck):
            world.fault("key stuck", self._stage())
            for step in range(1, world.dice.randint(20, 60)):
                world.after(step * 100, self._frame, keys, number)

    def _frame(self, keys: Keys, number: int) -> None:
        """What the line hears."""
        now = self.world.t
        if self.line.folding.is_again(self.address, keys, now):
            return
        said = self.pressing.press(keys, now)
        if isinstance(said, (Typed, Unclear)) or said.word == "Clear":
            return
        last, self.words[said.word] = self.words.get(said.word), now
        if (last is not None and now - last < REST_MS.get(said.word, 0)) or said in self.asked:
            return
        if len(self.presses) < PRESSES_MAX:
            self.asked.append(said)
            self.presses.append((said, now + PATIENCE_MS, number))
            if not self._busy:
                self._next_press()

    def _next_press(self) -> None:
        if not self.presses:
            self._busy = False
            self.think_in(self.world.between(600, 2500))
            return
        self._busy = True
        meant, until, number = self.presses.popleft()
        view = self.line.standing.window(self.id)
        todo = list(steps(meant, self.place, view, self.day.weather.plan.options.evaluate_on_finish))
        self._step(meant, todo, until, number, [])

    def _step(self, meant: Meant, todo: list[Step], until: int, number: int, heard: list[Recorded]) -> None:
        left = until - self.world.t
        if not todo or left <= 0 or refusal(heard):
            self.asked.remove(meant)
            self._result(meant, heard)
            self._next_press()
            return
        step, view = todo.pop(0), self.line.standing.window(self.id)
        staff = view.staff if view is not None and step.role is Role.WINDOW else ""
        by = c.Principal("caller-A-1", staff, step.role)

        def answered(events: list[Recorded]) -> None:
            self._step(meant, todo if events else [], until, number, events)

        ask = self.day.asks.ask(step.command, by, (step.done,), left, answered)
        if type(step.command).__name__ in CALLS:
            self.day.edge.asks_to_call(ask.letter.id, number)

    def _result(self, meant: Meant, heard: list[Recorded]) -> None:
        """What the member of staff learns from it, beside what the keypad shows."""
        if self.world.trace is not None:
            said = ", ".join(type(record.event).__name__ for record in heard) or "no answer (99)"
            self.world.note(f"{self.id} pressed {meant.word}: {said}")
        if meant.word == "CallNext" and refusal(heard):
            self.looked = ("refused", self.world.t)

    def rate(self, level: int, number: str) -> None:
        """The citizen at the evaluator."""
        by = c.Principal("caller-A-1", role=Role.DEVICE)
        [step] = steps(Meant(RATE, str(level)), self.place, None, True)
        command = step.command
        if self.world.chance(BY_PHONE):
            command, by = c.RateService(self.id, Level(level), number), c.Principal("phone-1", role=Role.CITIZEN)
        self.day.asks.ask(command, by, (step.done,), RATING_MS, lambda events: None)

    # -- the member of staff -------------------------------------------------------------------------------------------

    def window_view(self, view: WindowView) -> None:
        if self.line.standing.take_window(view, self.id):
            self.day.edge.reads(self.id, view)
            if view.number != self.looked[0]:
                self.looked = (view.number, self.world.t)
            self.think_in(self.world.between(500, 2000))

    def arrives(self, citizen: Citizen) -> None:
        """Somebody stands before the window with a slip."""
        self.present = citizen
        self.think_in(self.world.between(300, 1500))

    def think_in(self, ms: int) -> None:
        when = self.world.t + ms
        if not self.world.t < self._thinks_at <= when:
            self._thinks_at = when
            self.world.at(when, self._think, when)

    def _think(self, when: int) -> None:
        if when != self._thinks_at or self._busy:
            return
        view = self.line.standing.window(self.id)
        if view is None:
            return
        self._send_strangers_away(view)
        word = self._wants(view)
        if not word:
            return
        self.press(self._keys(word))
        if word == "CallNext" and self.world.chance(self.day.weather.nervous):
            self.world.fault("pressed twice by a person", self._stage())
            self.world.after(self.world.between(450, 3000), self.press, KEYS["CallNext"])

    def _keys(self, word: str) -> Keys:
        return (int(word[-1]), 0x13) if word.startswith("To") else KEYS[word]

    def _wants(self, view: WindowView) -> str:
        """The next key, or "" and when to look again."""
        if not view.staff:
            self.sits_down(self.day.who_sits(self))
            return ""
        if view.status is not WindowStatus.OPEN:
            if self.world.t < self.break_until and not self.world.calm:
                self.think_in(self.break_until - self.world.t)
                return "CallNext" if self.world.chance(self.day.weather.nervous) else ""
            return "Pause"  # opens again
        if view.number:
            return self._with_ticket(view)
        if self.break_until > self.world.t and not (view.held and self.world.chance(0.5)):
            return "Pause" if self.world.chance(0.7) else "LogOut"
        if view.held and (self.world.calm or self.world.chance(0.3)):
            return "Resume"
        refused = self.looked[0] == "refused" and self.world.t - self.looked[1] < REFUSED_MS
        if refused or not (view.directed or self.day.somebody_sits(view.own, view.helps)):
            if not self.world.calm:  # in the evening nothing but news makes anybody look up
                self.think_in(8000 + self.world.between(0, 30_000))
            return "" if refused or not self.world.chance(IDLE_PRESS) else "CallNext"
        return "CallNext"

    def sits_down(self, staff: str) -> None:
        """Log-in by keys: 1, the staff number, 确认."""
        digits = tuple(int(digit) for digit in staff)
        for step, keys in enumerate(((1, *digits[:2]), digits[2:], (0x0F,))):
            self.world.after(700 * step, self._frame, keys, -1)
        self.think_in(9000)

    def _with_ticket(self, view: WindowView) -> str:
        here = self.present is not None and self.present.number == view.number
        if view.stage is Stage.CALLED:
            if here:
                return "Start"
            waits = self.world.t - self.looked[1]
            if waits < WAIT_FOR_CITIZEN_MS:
                self.think_in(WAIT_FOR_CITIZEN_MS - waits + 100)
                return ""
            self.looked = (view.number, self.world.t)
            return "Recall" if self.world.chance(0.5) else "NoShow"
        if here and not self.served_until:
            self._begins()
        if here and self.world.t < self.served_until:
            self.think_in(self.served_until - self.world.t)
            return ""
        if not here and self.world.t - self.looked[1] < WAIT_FOR_CITIZEN_MS:
            self.think_in(WAIT_FOR_CITIZEN_MS)
            return ""
        return self._done(here)

    def _begins(self) -> None:
        """The citizen puts the papers on the desk."""
        citizen, weather, dice = self.present, self.day.weather, self.world.dice
        assert citizen is not None
        self.day.edge.served(self.id, citizen)
        self.served_until = self.world.t + citizen.case_ms
        roll = dice.random()
        if roll < weather.wrong:
            self.plan_for = f"To{dice.randint(1, 4)}"
        elif roll < weather.wrong + weather.held:
            self.plan_for = "Hold"
        elif roll < weather.wrong + weather.held + weather.handed_back:
            self.plan_for = "HandBack"
        else:
            self.plan_for = ""
        if self.plan_for:
            self.served_until = self.world.t + 15_000
        elif dice.random() < SOMETHING_MORE:
            self.world.after(3000, self.press, KEYS[dice.choice(("Matter", "Here"))])

    def _done(self, here: bool) -> str:
        plan, self.plan_for = self.plan_for, ""
        if here and plan and not self.world.calm:
            return plan
        if not here and self.day.weather.plan.options.start_on_call and self.world.chance(0.7):
            return "NoShow"
        leaves = self.break_until > self.world.t or self.world.chance(0.3)
        return "Finish" if leaves or not self.day.weather.plan.options.next_finishes else "CallNext"

    def _send_strangers_away(self, view: WindowView) -> None:
        if self.present is not None and self.present.number != view.number:
            self.present.goes_back()
            self.present, self.served_until = None, 0

    def _stage(self) -> str:
        view = self.line.standing.window(self.id)
        return view.stage.value if view is not None and view.stage else "none"


def refusal(heard: list[Recorded]) -> bool:
    """Was it refused?"""
    for record in heard:  # noqa: SIM110 - asked at every press
        if type(record.event) is e.CommandRefused:
            return True
    return False
