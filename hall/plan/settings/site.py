"""What stands once in a plan: the site, its broker and bench, rules that hold in all halls, units and staff."""

from __future__ import annotations

from hall.plan.kinds import Choice, Flag, Shape, Text, TimeOfDay, Whole
from hall.plan.kinds_of_many import ListOf
from hall.plan.settings.key import REQUIRED, Key, Table
from hall.plan.settings.shapes import NAME, NAME_OR_NONE, PORT, RANGES, SITE_ID

DAY_S = 24 * 60 * 60

SITE = Table(
    "[site]",
    "The building.",
    (
        Key("id", SITE_ID, REQUIRED, "first part of every topic and ticket id"),
        Key("name", NAME, REQUIRED, "heads every page and slip"),
        Key("name_en", NAME_OR_NONE, "", "the same for the English pages; left out: the Chinese name"),
        Key("time_zone", Shape(r"[!-~]{1,64}", "an IANA name"), REQUIRED, "days and opening hours are local"),
        Key("day_starts", TimeOfDay(), "05:00", "the business day rolls over when nobody is in the hall", "local time"),
        Key(
            "mode",
            Choice(("simulated", "live")),
            REQUIRED,
            "simulated: simulators at the far side of every wire, and the test bench; live: neither may start",
        ),
        Key(
            "status_url",
            Shape(
                r"https?://[A-Za-z0-9.:\[\]-]{1,200}(/[A-Za-z0-9._~/-]{0,100}[A-Za-z0-9._~-])?", "http(s)://host/path"
            ),
            None,
            "where the slip's QR code leads; the ticket's signed path is put behind it; left out: the public door",
        ),
        Key("notes", ListOf(Text(max_chars=1000), "a list of texts", empty=True), [], "assumptions, for who reads on"),
    ),
    optional=False,
)
BROKER = Table(
    "[broker]",
    "The MQTT broker all rooms meet on.",
    (
        Key(
            "kind",
            Choice(("embedded", "external")),
            "embedded",
            "embedded: started with the rooms; external: Mosquitto",
        ),
        Key(
            "host", Shape(r"[!-~]{1,100}", "a host name or address"), "127.0.0.1", "the embedded one stays on loopback"
        ),
        Key("port", PORT, 18883, "not 1883: a broker of the machine's own may be there"),
        Key("user", Text(empty=True, max_chars=64), "hall", "the rooms log in as this; empty: no log-in"),
        Key(
            "password_file",
            Text(empty=True),
            "broker-password",
            "relative to the state directory; the embedded broker's is made at the first start",
        ),
        Key(
            "ca_file",
            Text(empty=True),
            "",
            "TLS: the certificate of who signed the broker's, relative to the state directory; empty: no TLS",
        ),
    ),
)
BENCH = Table(
    "[bench]",
    "The test bench page of a simulated plan.",
    (
        Key("host", Shape(r"[!-~]{1,100}", "a loopback address"), "127.0.0.1", "it can press every key: loopback only"),
        Key("port", PORT, 8700, "one below the touch pages of the sample plans"),
    ),
)
LIMITS = Table(
    "[limits]",
    "What the controller takes from one room before it calls it a flood.",
    (
        Key("letters_per_s", Whole(1, 10_000), 200, "a line of 61 keypads pressed three times a second", "letters/s"),
        Key("letters_burst", Whole(1, 100_000), 400, "all keypads of a line at once, six times over", "letters"),
        Key("letter_age_s", Whole(1, 3600), 30, "an older letter is refused: who pressed has long given up", "s"),
        Key("event_expires_s", Whole(1, 3600), 30, "a room ignores an older event: no voice calls this morning", "s"),
    ),
)
OPTIONS = Table(
    "[options]",
    "Rules of the halls that a county may set.",
    (
        Key("guard_s", Whole(0, 120), 8, "a second call within this of the window's last is a bounce, not a wish", "s"),
        Key("start_on_call", Flag(), False, "called and serving are separate, so waiting for the citizen is measured"),
        Key("next_finishes", Flag(), True, "staff forget to finish; the next call says the case is done"),
        Key(
            "next_on_called",
            Choice(("refuse", "finish", "no_show")),
            "refuse",
            "next while the called citizen has not come: nobody is lost by a slip of the finger",
        ),
        Key("recall_limit", Whole(0, 20), 5, "keypads of this family stop after five", "recalls"),
        Key("no_show_after_calls", Whole(1, 20), 2, "nobody is a no-show after one call (it counts as one)", "calls"),
        Key("no_show_after_s", Whole(0, 600), 20, "time to cross the hall since the last call or recall", "s"),
        Key(
            "unanswered_after_s", Whole(0, 3600), 0, "0: a person decides; else a call becomes a no-show by itself", "s"
        ),
        Key("return_after", Whole(0, 100), 3, "a late citizen waits behind so many, not behind all", "tickets"),
        Key("return_limit", Whole(0, 20), 2, "how often a no-show may return", "times"),
        Key("hold_limit", Whole(0, 20), 3, "tickets one window may hold at once", "tickets"),
        Key("unprinted_after_s", Whole(5, 600), 60, "a kiosk silent about a slip this long: it is unprinted", "s"),
        Key("print_job_expires_s", Whole(5, 600), 60, "a printer that comes back prints no older slip", "s"),
        Key("call_unprinted", Flag(), True, "the citizen saw the number on the screen"),
        Key("self_declared_priority", Flag(), False, "priority is given by a person who sees the citizen"),
        Key("roster_logs_in", Flag(), False, "a session is a person's act; true saves it where the roster is certain"),
        Key("at_close", Choice(("serve", "expire")), "serve", "those waiting at closing time were promised service"),
        Key("rating_open_s", Whole(10, DAY_S), 600, "a rating counts while the citizen is still at the window", "s"),
        Key("evaluate_on_finish", Flag(), True, "finishing asks for the rating; no key to forget"),
        Key("issue_unstaffed", Flag(), False, "no number for a queue nobody serves at this moment"),
        Key("estimate_window", Whole(1, 1000), 20, "the estimate follows the last so many services", "services"),
        Key(
            "desk_idle_min",
            Whole(0, 480),
            10,
            "a supervisor's console nobody touches so long wants the password before the next act; 0: never",
            "min",
        ),
    ),
)
PRIORITY = Table(
    "[priority]",
    "The priority lane; without classes there is none.",
    (
        Key("priority", Whole(1, 100), 2, "so many priority calls ...", "calls"),
        Key("ordinary", Whole(1, 100), 1, "... for so many ordinary ones, while both lanes wait", "calls"),
        Key("in_a_row", Whole(1, 100), 2, "at most so many priority calls one behind the other", "calls"),
    ),
    tables=("classes",),
)
PRIORITY_CLASS = Table(
    "[priority.classes.<id>]",
    "Who has priority: elderly, disabled, pregnant, veteran.",
    (
        Key("name", NAME, REQUIRED, "on the slip and at the desk"),
        Key("name_en", NAME_OR_NONE, "", "left out: the Chinese name"),
    ),
)
UNIT = Table(
    "[units.<id>]",
    "A unit whose matters are handled here.",
    (
        Key("name", NAME, REQUIRED, "what citizens call it"),
        Key("name_en", NAME_OR_NONE, "", "left out: the Chinese name"),
        Key("restricted", Flag(), False, "qualification, secrecy or money: only its own windows, never helped"),
    ),
)
STAFF = Table(
    "[[staff]]",
    "Members of staff by number; names and passwords are not the plan's business.",
    (
        Key("ids", RANGES, REQUIRED, "four digits each, ranges allowed"),
        Key("role", Choice(("window", "guide", "supervisor")), "window", "what they may ask of the hall"),
        Key("kind", Choice(("unit", "integrated")), "unit", "who employs them; 9:1 at small-cycle windows"),
    ),
)
SITE_TABLES = (SITE, BROKER, BENCH, LIMITS, OPTIONS, PRIORITY, PRIORITY_CLASS, UNIT, STAFF)
