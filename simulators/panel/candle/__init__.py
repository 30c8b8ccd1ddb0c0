"""The Candle RS-485 queue board, the far side of `displays/panels/candle`."""

from simulators.panel.candle.box import CandleBoard as Twin

__all__ = ["Twin"]
