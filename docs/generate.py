"""Writes the documents made from the code: topics.md, asyncapi.json, the doors' OpenAPI files (`make docs`)."""

import json
from pathlib import Path
from typing import Any

from caller.pages.routes import described as staff_door
from controller.web.routes import described as public_door
from hall.describing import asyncapi, topics_markdown

HERE = Path(__file__).resolve().parent


def written(document: dict[str, Any]) -> str:
    """A JSON document as it stands in the checkout."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    (HERE / "topics.md").write_text(topics_markdown(), encoding="utf-8")
    (HERE / "asyncapi.json").write_text(written(asyncapi()), encoding="utf-8")
    (HERE / "openapi-public.json").write_text(written(public_door()), encoding="utf-8")
    (HERE / "openapi-staff.json").write_text(written(staff_door()), encoding="utf-8")
