"""What a hall shows and says to everybody in it: the hall screen and the voice; and the door of its staff's pages.

Its panels are `window.py`.
"""

from __future__ import annotations

from hall.plan.kinds import Choice, Shape, Whole
from hall.plan.settings.key import Key, Table
from hall.plan.settings.shapes import PAGE

SCREEN = Table(
    "[halls.<id>.screen]",
    "The page of the large screen: who is called, who waits. The displays of the hall serve it.",
    (
        Key(
            "page",
            PAGE,
            None,
            "where the screen's browser finds it; left out: 127.0.0.1 with port 8660 for the first hall of the plan, "
            "8661 for the second ...",
        ),
    ),
)
VOICE = Table(
    "[halls.<id>.voice]",
    "Calls spoken aloud, by espeak-ng where it is installed.",
    (
        Key(
            "output",
            Choice(("none", "file", "player")),
            "file",
            "file: voice/<hall>/*.wav in the state directory, the newest few; player: each is given to `player`",
        ),
        Key(
            "player",
            Shape(r"[!-~]+( [!-~]+)*", "a program and its options; the file comes behind"),
            "aplay -q",
            "for output = player: must play to the end and then end",
        ),
        Key("one", Choice(("yi", "yao")), "yi", "how the digit 1 is read: 一 or, as in telephone numbers, 幺"),
        Key("times", Whole(1, 3), 1, "how often a call is said", "times"),
        Key("words_per_min", Whole(80, 260), 150, "older people follow a slow voice more easily", "words/min"),
    ),
)
STAFF_DOOR = Table(
    "[halls.<id>.staff_door]",
    "The pages of the hall's staff: soft caller, evaluator tablet, guide. The callers of the hall serve them.",
    (
        Key(
            "page",
            PAGE,
            None,
            "where it listens; left out: 127.0.0.1 with port 8640 for the first hall of the plan, 8641 for the second "
            "...",
        ),
        Key(
            "url",
            Shape(r"https?://[A-Za-z0-9.:\[\]-]{1,200}", "http(s)://host"),
            None,
            "how browsers reach it where a proxy stands before it; https makes its cookies Secure",
        ),
    ),
)
SHOWING_TABLES = (SCREEN, VOICE, STAFF_DOOR)
