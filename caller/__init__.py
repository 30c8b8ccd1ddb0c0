"""Keypads and evaluators at the windows, one process per serial line."""
