"""The FF 68 keypads and four-key evaluators of a hall, many on one serial bus."""

from simulators.keypad.ff68.bus import KeypadBus as Twin

__all__ = ["Twin"]
