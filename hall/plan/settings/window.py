"""The windows of a hall with their panels and keypads, and the lines the keypads sit on."""

from __future__ import annotations

from hall.plan.kinds import DAY_MIN, Choice, Flag, Minutes, Shape, Text, Whole
from hall.plan.kinds_of_many import ListOf, MapOf
from hall.plan.settings.key import REQUIRED, Key, Table
from hall.plan.settings.shapes import DEVICE_ID, DRIVER, IDS, LINE, OPTIONS, POLICY, RANGES, WORD_ID

WINDOW = Table(
    "[[halls.<id>.windows]]",
    "A group of windows alike; panel and keypad are tables of their own, or come from the hall's.",
    (
        Key("ids", RANGES, REQUIRED, 'windows of this group: ["A01-A08"]'),
        Key("kind", Choice(("window", "point")), "window", "point: a desk outside the count, with a name of its own"),
        Key("name", Text("a template", empty=True), "", "line 1 of the panel; left out: windows_named of the hall"),
        Key("policy", POLICY, "small_cycle", "who is called next: a file of controller/core/routing"),
        Key("units", IDS, REQUIRED, "its own units, all units of each queue it serves"),
        Key("helps", IDS, [], "queues of others it may help: nobody unless said"),
        Key("help_when", Choice(("idle", "bound", "ratio")), "idle", "own queue empty; a wait too long; every so many"),
        Key("help_bound_min", Minutes(1, DAY_MIN * 60), 15, "for help_when = bound", "min", "help_bound_s"),
        Key("help_every", Whole(1, 1000), 5, "for help_when = ratio: one help after so many own calls", "calls"),
        Key(
            "staff",
            ListOf(RANGES.of, "staff numbers and ranges", empty=True),
            [],
            "who sits here, in the windows' order",
        ),
        Key(
            "texts",
            MapOf("a table of idle, call, paused, closed", Text(), "idle|call|paused|closed"),
            {},
            "this panel's own texts; left out: the catalogue's. {number} in call is the ticket's number",
        ),
        Key("address_from", Whole(1, 255), None, "first keypad address; left out: the window's number"),
        Key("no_panel", Flag(), False, "true: no panel in spite of the hall's panels table"),
        Key("no_keypad", Flag(), False, "true: no keypad in spite of the hall's keypads table"),
    ),
    tables=("panel", "keypad"),
)
PANEL = Table(
    "panel of a window group, and [halls.<id>.panels] for all of a hall",
    "The LED panel above a window.",
    (
        Key("driver", DRIVER, REQUIRED, "a folder of displays/panels"),
        Key("line", LINE, REQUIRED, "{window} {index} {nth} {hall} are filled in; {nth} counts in the group"),
        Key("address", Whole(0, 65535), 1, "screen address, of every panel with a line of its own"),
        Key(
            "address_from",
            Whole(0, 65535),
            None,
            "for panels that share a line: the group's first address; in the hall's table that of window 1",
        ),
        Key("lines", Whole(1, 8), None, "left out: the driver's card says, else 2", "lines"),
        Key("columns", Whole(4, 256), None, "left out: the driver's card says, else 16", "half-width characters"),
        Key("options", OPTIONS, {}, "the driver's own, named in its card.toml"),
    ),
)
KEYPAD = Table(
    "keypad of a window group, and [halls.<id>.keypads] for all of a hall",
    "Where a window's keypad is reached.",
    (Key("line", DEVICE_ID, REQUIRED, "the id of a keypad line of this hall"),),
)
KEYPAD_LINE = Table(
    "[[halls.<id>.keypad_lines]]",
    "A wire with keypads on it; one process serves it.",
    (
        Key("id", DEVICE_ID, REQUIRED, "unique in the whole plan"),
        Key("driver", DRIVER, REQUIRED, "a folder of caller/keypads"),
        Key("line", LINE, REQUIRED, "where it is reached"),
        Key("options", OPTIONS, {}, "the driver's own, named in its card.toml"),
        Key("fold_ms", Whole(0, 5000), 400, "the same key again this soon is the same press: bounce, stuck key", "ms"),
        Key("entry_ms", Whole(1000, 60_000), 8000, "digits typed earlier are forgotten", "ms"),
        Key(
            "keys",
            MapOf('a table of sequences and commands, "06 0F" = "MarkNoShow"', Text(empty=True)),
            {},
            "laid over the default table of the FF 68 keypad below; an empty text takes a sequence away",
        ),
        Key(
            "targets",
            MapOf(
                'a table "1" = "queue:tax" or "window:A09"', Shape(r"[!-~]{1,64}", "queue:ID or window:ID"), r"\d{1,2}"
            ),
            {},
            "what 转移 with typed digits means; at most two digits",
        ),
        Key(
            "units",
            MapOf('a table "1" = "tax"', WORD_ID, r"\d{1,2}"),
            {},
            "which unit ServeHere or AddMatter with typed digits means; at most two digits",
        ),
        Key(
            "levels",
            MapOf('a table of evaluator keys and levels, "00" = 5', Whole(1, 5), r"[0-9A-F]{2}"),
            {"00": 5, "01": 4, "02": 3, "03": 2},
            "four keys for the five levels of 好差评: which level each key means",
            "level",
        ),
    ),
)
WINDOW_TABLES = (WINDOW, PANEL, KEYPAD, KEYPAD_LINE)
