"""Templates: files beside this one in which @{word} is replaced; a word nobody gave is our bug, not an empty place."""

from __future__ import annotations

from importlib import resources
from string import Template

from hall.faults import OurFault


class _Marked(Template):
    """`$` belongs to shells and ESPHome, so the mark is @."""

    delimiter = "@"


def template(name: str) -> str:
    """The text of templates/<name>, as it stands."""
    return resources.files(__package__).joinpath("templates", *name.split("/")).read_text(encoding="utf-8")


def filled(name: str, /, **words: object) -> str:
    """templates/<name> with its words filled in."""
    try:
        return _Marked(template(name)).substitute(words)
    except (KeyError, ValueError) as fault:
        raise OurFault(f"templates/{name}: {fault}") from fault
