"""The Onbon BX-5K/6K font card (仰邦字库卡), the far side of `displays/panels/onbon_bx`."""

from simulators.panel.onbon_bx.box import OnbonCard as Twin

__all__ = ["Twin"]
