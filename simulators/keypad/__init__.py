"""Keypad buses, one folder per driver name."""
