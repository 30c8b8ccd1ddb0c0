"""The Candle queue board: a strip of LED characters on RS-485."""

from displays.panels.candle.wire import Candle as Driver

__all__ = ["Driver"]
