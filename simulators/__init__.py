"""The far side of every wire: printers, keypads, panels and citizens, built from their makers' manuals.

Nothing here imports our own rooms: a twin that shared an encoder with our driver would share its mistakes.
"""
