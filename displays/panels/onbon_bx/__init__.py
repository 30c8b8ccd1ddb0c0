"""Onbon 仰邦 BX-5K and BX-6K font cards."""

from displays.panels.onbon_bx.wire import OnbonBx as Driver

__all__ = ["Driver"]
