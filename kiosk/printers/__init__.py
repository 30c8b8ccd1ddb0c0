"""Printer drivers, a folder each; the plan names the folder."""

from __future__ import annotations

from hall.drivers import driver_class
from hall.ports import PrinterDriver


def driver(name: str) -> type[PrinterDriver]:
    """The driver class of the folder `name`; PlanError names the folders there are."""
    return driver_class("printer", name)
