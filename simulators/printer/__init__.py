"""Ticket printers, one folder per driver name."""
