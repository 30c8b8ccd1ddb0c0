"""The quiet middle: no clock, no dice, no hands. Four functions carry it.

decide(state, letter, now) -> tuple[Event, ...]    what happens; at least one event, perhaps a refusal
evolve(state, recorded) -> None                    make it so, in place; never argues
next_wake(state) -> Instant | None                 when time alone will matter
view(state, topic) -> View                         how things stand (state.touched names what changed)
"""

from controller.core.deciding import decide
from controller.core.evolving import evolve
from controller.core.showing import all_topics, view
from controller.core.state import HallState
from controller.core.waking import next_wake

__all__ = ["HallState", "all_topics", "decide", "evolve", "next_wake", "view"]
