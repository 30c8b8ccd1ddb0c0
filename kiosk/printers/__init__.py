"""Printer drivers, a folder each; the plan names the folder."""
