"""Every released version's journal must fold under today's program, to the state and the views it gave then."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from playing import check_books
from recorded_journal import FOLDER, folded, hashes

from hall import codec
from hall.faults import JournalFault

VERSIONS = sorted(file.stem for file in FOLDER.glob("*.jsonl"))


def test_the_first_version_is_there() -> None:
    assert "0.1.0" in VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_a_recorded_journal_folds_to_what_it_gave(version: str) -> None:
    state = folded(version)
    check_books(state)
    known = tomllib.loads((FOLDER / f"{version}.toml").read_text())
    assert hashes(state) == known, "has the state a new field on purpose? tests/support/recorded_journal.py --rehash"


def test_a_newer_record_is_refused_not_half_understood() -> None:
    line = (Path(FOLDER) / "0.1.0.jsonl").read_bytes().splitlines()[0]
    with pytest.raises(JournalFault, match="start the newer program"):
        codec.from_journal(line, codec.VERSION + 1)
