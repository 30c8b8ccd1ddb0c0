"""Reads journals offline: the life of a ticket, event by event."""
