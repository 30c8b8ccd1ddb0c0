"""A recorded day of arrivals through the real rooms: citizens touch the pages, staff press the keypads.

It sees only what people see: the answer of the page, the slip, the panel above the window, the digits of the keypad.
Read: days (the file), staffing (who sits where), far (the back door), people, desks, telling (the table).
"""
