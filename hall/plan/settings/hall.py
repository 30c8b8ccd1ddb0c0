"""What stands in each hall: hours, queues, menu entries, kiosks. Its windows are `window.py`."""

from __future__ import annotations

from hall.plan.kinds import DAY_MIN, Choice, Flag, Minutes, Text, TimeOfDay, Whole
from hall.plan.kinds_of_many import ListOf
from hall.plan.settings.key import REQUIRED, Key, Table
from hall.plan.settings.shapes import (
    DEVICE_ID,
    DRIVER,
    IDS,
    LINE,
    NAME,
    NAME_OR_NONE,
    OPTIONS,
    PAGE,
    PREFIX,
    WORD_ID,
)

HOURS = Table(
    "[hours] and [halls.<id>.hours]",
    "Opening hours; [hours] holds for every hall, a hall's own table changes single keys of it.",
    (
        Key(
            "weekdays", ListOf(Whole(1, 7), "weekdays 1 (Monday) to 7"), [1, 2, 3, 4, 5], "service days", "ISO weekday"
        ),
        Key("opens", TimeOfDay(), "09:00", "calls and numbers from here", "local time"),
        Key("closes", TimeOfDay(), "17:00", "the last number is given before this", "local time"),
        Key("lunch_from", TimeOfDay(), None, "left out: the hall works through", "local time"),
        Key("lunch_to", TimeOfDay(), None, "with lunch_from or not at all", "local time"),
        Key("issue_at_lunch", Flag(), True, "who comes at noon keeps the place, with a notice"),
        Key("stop_issuing_before_close_min", Whole(0, 480), 0, "no number nobody can serve any more", "min"),
    ),
)
HALL = Table(
    "[halls.<id>]",
    "One pool: its numbers, windows and devices never meet another hall's.",
    (
        Key("name", NAME, REQUIRED, "on pages, slips and screens"),
        Key("name_en", NAME_OR_NONE, "", "left out: the Chinese name"),
        Key("area", NAME_OR_NONE, "", "whom the hall is for"),
        Key(
            "windows_named",
            Text("a template with {window}"),
            "{window}",
            "line 1 of a window's panel; {window} is its id, {index} its number, {hall} the hall's id",
        ),
    ),
    tables=(
        "hours",
        "notices",
        "screen",
        "voice",
        "staff_door",
        "panels",
        "keypads",
        "queues",
        "entries",
        "windows",
        "kiosks",
        "keypad_lines",
    ),
)
NOTICES = Table(
    "[halls.<id>.notices]",
    "Texts a hall sets itself.",
    (
        Key("slip", NAME_OR_NONE, "", "last line of the slip; left out: the catalogue's"),
        Key("lunch", NAME_OR_NONE, "", "what page and slip say at lunch; left out: the catalogue's"),
    ),
)
QUEUE = Table(
    "[halls.<id>.queues.<id>]",
    "People who wait for the same windows.",
    (
        Key("name", NAME_OR_NONE, "", "left out: the name of its first unit"),
        Key("name_en", NAME_OR_NONE, "", "left out: the English name of its first unit"),
        Key("prefix", PREFIX, REQUIRED, "first letters of its numbers, unique in the whole plan"),
        Key(
            "digits",
            Whole(4, 6, "expected 4 to 6: with fewer a number (A012) could be mistaken for a window (A12)"),
            4,
            "of a number; past 9999 it grows by itself",
            "digits",
        ),
        Key("units", IDS, None, "whose matters; left out: the unit of the queue's own id"),
        Key("ageing_percent", Whole(1, 1000), 100, "how fast waiting counts against a window's other queues", "%"),
        Key("finally_by_min", Minutes(1, DAY_MIN * 60), 45, "past this it goes before others", "min", "finally_by_s"),
        Key("service_prior_min", Minutes(1, 28_800), 8, "expected until the day has its own", "min", "service_prior_s"),
        Key("max_waiting", Whole(1, 100_000), 2000, "more are sent to the guide instead", "people"),
    ),
)
ENTRY = Table(
    "[[halls.<id>.entries]]",
    "What a citizen may choose; 马上办 (now) has one entry in a hall, the others stand under 帮助办 (help).",
    (
        Key("id", WORD_ID, REQUIRED, "unique in the hall"),
        Key("name", NAME_OR_NONE, "", "left out: the queue's name"),
        Key("name_en", NAME_OR_NONE, "", "left out: the queue's English name"),
        Key("button", Choice(("now", "help")), "help", "the first-level button it stands under"),
        Key("page", Choice(("main", "points")), "main", "points: the last page of 帮助办"),
        Key("queue", WORD_ID, None, "left out: the queue of the entry's own id"),
        Key("unit", WORD_ID, None, "which unit the ticket is for; left out: the queue's first"),
    ),
)
KIOSK = Table(
    "[[halls.<id>.kiosks]]",
    "A ticket machine.",
    (
        Key("id", DEVICE_ID, REQUIRED, "unique in the whole plan"),
        Key("name", NAME_OR_NONE, "", "left out: the id"),
        Key("page", PAGE, REQUIRED, "where the touch page is served: loopback of the machine it stands on"),
        Key("slip_columns", Whole(24, 64), 48, "80 mm paper holds 48, 58 mm 32", "half-width characters"),
        Key("idle_s", Whole(5, 600), 30, "the page goes back to the start by itself", "s"),
        Key("result_s", Whole(3, 120), 12, "how long the number stands on the screen", "s"),
        Key("screen", Choice(("portrait", "landscape")), "portrait", "1080x1920 or 1920x1080"),
    ),
    tables=("printer",),
)
PRINTER = Table(
    "printer of a kiosk",
    "The slip printer.",
    (
        Key("driver", DRIVER, REQUIRED, "a folder of kiosk/printers", "", "printer_driver"),
        Key("line", LINE, REQUIRED, "where it is reached", "", "printer_line"),
        Key("options", OPTIONS, {}, "the driver's own, named in its card.toml", "", "printer_options"),
    ),
)
HALL_TABLES = (HALL, HOURS, NOTICES, QUEUE, ENTRY, KIOSK, PRINTER)
