"""Where the pages for people listen. Each kind of user has a door of its own; here is what a plan says of them."""

from __future__ import annotations

from hall.plan.kinds import Shape
from hall.plan.kinds_of_many import ListOf
from hall.plan.settings.key import Key, Table
from hall.plan.settings.shapes import PAGE

DOORS = Table(
    "[doors]",
    "Where the controller serves pages for people, a door for each kind of user.",
    (
        Key("public", PAGE, "127.0.0.1:8690", "the ticket's status page, for phones; status_url must lead here"),
        Key(
            "proxies",
            ListOf(Shape(r"[0-9A-Fa-f.:]{2,45}", "an address"), 'a list of addresses, ["10.0.0.2"]', empty=True),
            [],
            "reverse proxies before a door: the sender they name (X-Forwarded-For) is believed, and counted",
        ),
    ),
)
