"""Writes the documents that are made from the code: docs/topics.md and docs/asyncapi.json (`make docs`)."""

import json
from pathlib import Path

from hall.describing import asyncapi, topics_markdown

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    (HERE / "topics.md").write_text(topics_markdown(), encoding="utf-8")
    text = json.dumps(asyncapi(), ensure_ascii=False, indent=1, sort_keys=True)
    (HERE / "asyncapi.json").write_text(text + "\n", encoding="utf-8")
