"""The described bus is the real one: docs/topics.md and docs/asyncapi.json are exactly what the code gives."""

import json
from pathlib import Path

from hall import commands, events, topics
from hall.commands import Command, Letter
from hall.describing import asyncapi, topics_markdown, words
from hall.events import AnyEvent, Event

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_topics_md_is_made_from_the_table() -> None:
    assert (DOCS / "topics.md").read_text(encoding="utf-8") == topics_markdown(), "run: make docs"


def test_asyncapi_is_made_from_the_table() -> None:
    assert json.loads((DOCS / "asyncapi.json").read_text(encoding="utf-8")) == json.loads(json.dumps(asyncapi())), (
        "run: make docs"
    )


def test_every_reference_of_the_asyncapi_file_leads_somewhere() -> None:
    document = asyncapi()
    text = json.dumps(document)
    for name in [part.split('"', 1)[0] for part in text.split('"#/components/schemas/')[1:]]:
        assert name in document["components"]["schemas"], name


def test_every_word_travels() -> None:
    """A command or event that is not in the union of its envelope could be written but never sent."""
    asked = set(Letter.__annotations__["command"].replace("\n", " ").replace("|", " ").strip("() ").split())
    assert {kind.__name__ for kind in words(Command, commands)} == asked
    assert set(words(Event, events)) == set(AnyEvent.__args__)


def test_topics_are_taken_apart_as_they_are_put_together() -> None:
    assert topics.parts(topics.cmd("kaiyang", "A", "kiosk-A-K1", "IssueTicket")) == (
        "kaiyang", "A", "cmd", ("kiosk-A-K1", "IssueTicket"),
    )  # fmt: skip
    assert topics.parts(topics.now("kaiyang", "B", "panels/B40")) == ("kaiyang", "B", "now", ("panels", "B40"))
    assert topics.parts("somebody/else") is None
    assert topics.parts("a/b/other/c") is None
