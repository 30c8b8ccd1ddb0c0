"""An ESC/POS slip printer with Chinese characters, 80 mm, as the makers' command manuals describe it."""

from simulators.printer.escpos.printer import EscposPrinter as Twin

__all__ = ["Twin"]
