"""The shapes of the identifiers a plan gives, and the kinds several tables share."""

from __future__ import annotations

from hall.plan.kinds import Shape, Text, Whole
from hall.plan.kinds_of_many import ListOf, MapOf

SITE_ID = Shape(r"[a-z][a-z0-9-]{0,31}", "lower-case letters, digits and '-' (it is part of every topic)")
WORD_ID = Shape(r"[a-z][a-z0-9-]{0,31}", "lower-case letters, digits and '-'")
HALL_ID = Shape(r"[A-Z][A-Z0-9]{0,7}", 'a capital letter first, then capitals or digits, "A"')
DEVICE_ID = Shape(r"[A-Z][A-Z0-9-]{0,15}", 'capitals, digits and "-", "A-K1"')
WINDOW_ID = Shape(r"[A-Z]\d{2,3}", 'one capital letter and two or three digits, "A01"')
STAFF_ID = Shape(r"\d{4}", 'four digits, "1001" (a keypad can key in no more)')
PREFIX = Shape(r"[A-Z]{1,2}", "one or two capital letters A-Z")
DRIVER = Shape(r"[a-z][a-z0-9_]{0,39}", "the name of a driver's folder")
POLICY = Shape(r"[a-z][a-z0-9_]{0,39}", "the name of a file in controller/core/routing")
LINE = Shape(r"[!-~]{1,200}", "tcp://host:port, serial:///dev/ttyS1?baud=9600 or pty:name")
PAGE = Shape(r"[!-~]{1,100}", "host:port")

NAME = Text("a name for people")
NAME_OR_NONE = Text("a name for people", empty=True)
RANGE = Shape(r"[A-Z]?\d{2,4}(-[A-Z]?\d{2,4})?", 'an id or a range of ids, "A01" or "A01-A08"')
RANGES = ListOf(RANGE, 'ids and ranges, ["A01-A08", "A11"]')
IDS = ListOf(WORD_ID, 'a list of ids, ["tax"]', empty=True)
OPTIONS = MapOf("a table of the driver's own options")
PORT = Whole(1, 65535)
