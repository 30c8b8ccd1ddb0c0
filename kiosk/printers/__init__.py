"""Printer drivers, a folder each; the plan names the folder and transport/drivers.py finds it."""
