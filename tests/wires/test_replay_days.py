"""The file of a replayed day: what people send, in every encoding, and what is said of a file that is none."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from window_halls import SMALL

from cli.replaying import chosen, next_morning, opening_of
from hall import plan as plans
from hall.calendar import local
from hall.faults import PlanError
from simulators.box import CannotStand
from simulators.replay import days
from simulators.replay.days import Row, dates, into_hours, read_day
from transport.plans import known

HEAD = "date,arrival,type,priority,waited_s,outcome,service_s,server"
GOOD = f"""{HEAD}
1999-02-02,08:30:00,PS,2,12,AGENT,95,s01
1999-02-01,09:00:00,业务,0,0,HANG,0,
1999-02-01,07:02:47,PS,0,0,AGENT,166,s02
"""


def a_file(folder: Path, text: str) -> Path:
    file = folder / "days.csv"
    file.write_bytes(text.encode())
    return file


@pytest.mark.parametrize(
    "written",
    [
        str.encode,
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("gbk"),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace(",", "\t").encode(),
        lambda text: gzip.compress(text.encode()),
        lambda text: text.replace("date,arrival", " Date ,VRU_ENTRY").encode(),
        lambda text: text.replace("-", "/").replace("/02/0", "/2/").encode(),
        lambda text: text.replace("1999-02-", "9902").encode(),
    ],
    ids=["utf-8", "bom", "gbk", "utf-16", "crlf", "cr", "semicolon", "tab", "gzip", "names", "slashes", "yymmdd"],
)
def test_one_file_however_it_was_saved(tmp_path: Path, written: Callable[[str], bytes]) -> None:
    file = tmp_path / "days"
    file.write_bytes(written(GOOD))
    assert dates(file) == ({"1999-02-01": 2, "1999-02-02": 1}, [])
    assert read_day(file, "1999-02-01").rows == [
        Row(7 * 3600 + 167, "PS", 0, gives_up=False, service_s=166, waited_s=0),
        Row(9 * 3600, "业务", 0, gives_up=True, service_s=0, waited_s=0),
    ]


def test_odd_rows_are_kept_and_senseless_ones_named(tmp_path: Path) -> None:
    odd = (
        "1999-02-01,24:10:05,,,-3,hang,,",  # after midnight, of no kind, a negative wait, not timed
        "1999-02-01,08:00,XX,1,2.9,PHANTOM,-7,s01",
        "1999-02-01,08:00,XX,1,2.9,PHANTOM,-7,s01",
        "1999-02-01,7:61:00,PS,0,0,AGENT,5,s01",
        "1999-02-01,08:00:00,PS,often,0,AGENT,5,s01",
        "1999-02-30,08:00:00,PS,0,0,AGENT,5,s01",
        "1999-02-01",
    )
    plenty = "1999-02-03,10:00:00,PS,0,0,AGENT,5,s01\n" * 50
    file = a_file(tmp_path, "\n".join((HEAD, *odd, "")) + plenty)
    there, left_out = dates(file)
    assert there == {"1999-02-01": 3, "1999-02-03": 50}
    assert [line.partition(":")[0].rpartition(" ")[2] for line in left_out] == ["5", "6", "7", "8"]
    day = read_day(file, "1999-02-01")
    assert [(row.second, row.kind, row.gives_up, row.service_s, row.waited_s) for row in day.rows] == [
        (8 * 3600, "XX", False, 0, 2),
        (8 * 3600, "XX", False, 0, 2),
        (24 * 3600 + 605, "", True, 0, 0),
    ]
    assert [line.rpartition("; ")[2] for line in day.left_out] == [
        "write HH:MM:SS",
        "priority, waited_s and service_s are whole numbers",
        "write HH:MM:SS",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty; give a CSV"),
        (b"\r\n\n", "the file is empty"),
        (b"a,b\n1,2\n", "line 1: no column date, arrival, .* found are a, b"),
        (HEAD.encode(), "no row follows the names of the columns"),
        (gzip.compress(GOOD.encode())[:-9], "the gzip file is damaged or cut off .*; copy it anew"),
        (b"PK\x03\x04rest", "unpack it, or save the sheet as CSV"),
        (GOOD.encode() + b"\xff\xff\n", "line 5: neither UTF-8 nor GB18030 text; save it as CSV"),
        (f"{HEAD}\nMonday,08:00:00,PS,0,0,AGENT,5,s01\n".encode(), "line 2: date 'Monday' is none; write YYYY-MM-DD"),
        (f'{HEAD}\n1999-02-01,"{"x" * 140_000}\n'.encode(), "line 2: field larger .*; save it as plain CSV"),
    ],
)
def test_what_is_no_file_of_days_is_said_with_a_remedy(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "days.csv"
    file.write_bytes(data)
    with pytest.raises(CannotStand, match=said) as trouble:
        dates(file)
    assert str(trouble.value).startswith(str(file))


def test_a_folder_and_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(CannotStand, match="this is a folder; give one CSV file"):
        dates(tmp_path)
    with pytest.raises(CannotStand, match="No such file"):
        dates(tmp_path / "days.csv")


def test_a_day_with_more_people_than_a_hall_takes_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "ARRIVALS_MAX", 1)
    there, left_out = dates(a_file(tmp_path, GOOD))
    assert there == {"1999-02-02": 1}
    assert "2 arrivals on 1999-02-01, more than 1" in left_out[0]


def test_the_day_keeps_its_shape_within_opening_hours(tmp_path: Path) -> None:
    rows = read_day(a_file(tmp_path, GOOD), "1999-02-01").rows
    opens, closes = 1_000_000, 1_000_000 + 8 * 3_600_000
    first, last = into_hours(rows, opens, closes, stretch=2.0)
    assert (first.at_ms, first.service_s, first.file_waited_s) == (opens, 332, 0)
    assert last.at_ms == closes - days.LAST_MS and last.service_s == days.SHORTEST_S


THERE = ["1999-02-05", "1999-02-06", "1999-02-07", "1999-02-08"]  # Friday to Monday


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", THERE[:1]),
        ("all", THERE),
        ("1999-02-06", ["1999-02-06"]),
        ("1999-02-06..1999-02-28", THERE[1:]),
        ("..1999-02-06", THERE[:2]),
        ("1999-02-07..", THERE[2:]),
    ],
)
def test_which_days_are_asked_for(asked: str, found: list[str]) -> None:
    assert chosen(asked, THERE, Path("days.csv")) == found


@pytest.mark.parametrize("asked", ["1999-02-09", "1999-03-01..1999-03-02", "1999-02-08..1999-02-05", "everything"])
def test_days_nobody_arrives_on(asked: str) -> None:
    with pytest.raises(PlanError, match=r"its days are 1999-02-05 to 1999-02-08 \(4\)"):
        chosen(asked, THERE, Path("days.csv"))


def test_closed_days_move_on_and_no_two_days_share_one() -> None:
    """A hall that opens Mondays to Fridays: Saturday's citizens come on Monday, Sunday's on Tuesday."""
    text = SMALL.replace("[1, 2, 3, 4, 5, 6, 7]", "[1, 2, 3, 4, 5]")
    plan, after, opened = plans.load(text, "small.toml", known()), 0, []
    for on in THERE:
        opening = opening_of(plan, on, after)
        after = next_morning(plan, opening)
        opened.append(local(opening, plan.site.time_zone).isoformat()[:16])
    assert opened == ["1999-02-05T09:00", "1999-02-08T09:00", "1999-02-09T09:00", "1999-02-10T09:00"]
