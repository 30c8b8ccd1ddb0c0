"""Slip printers that speak ESC/POS and have Chinese fonts."""

from kiosk.printers.escpos.wire import EscPos as Driver

__all__ = ["Driver"]
