"""What a citizen reads: minutes, windows, hours, the slip, the menu. No process, no wire."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kiosks import TEN, kaiyang

from hall import codec, topics
from hall.plan.model import Hours
from hall.views import Here, Job, QueueView
from kiosk.issuing import Touch
from kiosk.menu import MenuMaker
from kiosk.slips import compose
from kiosk.standing import Standing
from kiosk.waits import minutes, opening, runs, where

PLAN = kaiyang()
HALL = PLAN.halls["A"]
NOW = int(TEN.timestamp() * 1000)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-1, None), (0, (0, 1)), (59, (0, 1)), (60, (1, 2)), (600, (8, 12)), (3600, (48, 72))],
)
def test_an_estimate_is_a_range(seconds: int, shown: tuple[int, int] | None) -> None:
    assert minutes(seconds) == shown


@given(st.integers(60, 100_000))
def test_a_range_holds_its_estimate(seconds: int) -> None:
    span = minutes(seconds)
    assert span is not None
    low, high = span
    assert low * 60 <= seconds + 60 and seconds <= high * 60 and low < high


def test_neighbouring_windows_are_joined() -> None:
    assert runs(["A02", "A01", "A03", "A07"]) == ["A01–A03", "A07"]
    assert runs(["A99", "A100", "B01"]) == ["A99–A100", "B01"]
    assert where(HALL, ["A01", "A02", "X99"]) == "A01–A02"
    points = [w.id for w in PLAN.halls["B"].windows.values() if w.kind == "point"][:1]
    assert where(PLAN.halls["B"], points) == PLAN.halls["B"].windows[points[0]].name


def test_hours_in_words() -> None:
    hours = Hours(
        weekdays=(1, 2, 3, 4, 5, 7), opens=540, closes=1020, lunch_from=720, lunch_to=810,
        issue_at_lunch=False, stop_issuing_before_close_min=0,
    )  # fmt: skip
    assert opening(hours, "zh") == "开放时间：周一至周五、周日 09:00–12:00、13:30–17:00"
    through = msgspec.structs.replace(hours, issue_at_lunch=True)
    assert opening(through, "en") == "Open: Mon to Fri, Sun 09:00–17:00"


def a_job(**more: object) -> Job:
    usual: dict[str, object] = {
        "job": "1", "number": "A0012", "entry": "now", "queue": "large", "copy": 0, "ahead": 11, "estimate_s": 900,
        "windows": ("A01", "A02"), "issued_at": NOW, "expires": NOW + 60_000, "printing": False, "day": "2026-11-23",
        "status": "http://127.0.0.1:8690/t/x", "lang": "zh",
    }  # fmt: skip
    return Job(**(usual | more))  # type: ignore[arg-type]


def test_a_slip_says_everything_in_the_halls_own_time() -> None:
    slip = compose(PLAN, HALL, "A-K1", a_job())
    assert slip.title == "开阳县政务服务大厅 A厅" and slip.number == "A0012" and slip.columns == 48
    assert slip.lines == (
        "办理事项：马上办",
        "前面等候：11 人",
        "预计等候：12～18 分钟",
        "办理窗口：A01–A02",
        "取号时间：2026-11-23 10:00",
        "扫码查看排队进度",
    )
    assert slip.qr == "http://127.0.0.1:8690/t/x" and slip.copy_mark == "" and slip.notice


def test_a_copy_is_marked_and_a_gone_entry_named_by_its_queue() -> None:
    slip = compose(PLAN, HALL, "A-K1", a_job(copy=2, entry="gone", queue="tax", estimate_s=-1, status=""))
    assert slip.copy_mark == "补打 2" and slip.qr == ""
    assert slip.lines[0] == "办理事项：税务服务" and not any("预计" in line for line in slip.lines)
    assert compose(PLAN, HALL, "A-K1", a_job(lang="en")).lines[1] == "Ahead of you: 11"
    assert compose(PLAN, HALL, "A-K1", a_job(status="http://x/\x1b@")).qr == ""


def standing(**hall: object) -> Standing:
    usual: dict[str, object] = {
        "epoch": 2, "revision": 5, "day": "2026-11-23", "phase": "open", "issuing": True, "plan_hash": "",
        "ready": True, "why_not": "",
    }  # fmt: skip
    made = Standing(PLAN, "A", "A-K1")
    made.linked = made.controller = True
    made.heard(topics.now("kaiyang", "A", "hall"), msgspec.json.encode(usual | hall))
    return made


def the_menu(stands: Standing, fault: str = "", now: int = NOW):  # type: ignore[no-untyped-def]
    return MenuMaker(PLAN, "A", HALL.kiosks["A-K1"], "boot").make(stands, fault, now)


def test_the_menu_counts_people_and_greys_the_other_hall() -> None:
    stands = standing()
    view = QueueView(
        epoch=2, revision=6, queue="tax", name="税务服务", name_en="Tax", waiting=7, oldest_at=0, estimate_s=60,
        open_windows=1, issuing=True, why_not="",
    )  # fmt: skip
    assert stands.heard(topics.now("kaiyang", "A", "queues/tax"), codec.encode(view))
    menu = the_menu(stands)
    tax = next(e for e in menu.entries if e.id == "tax" and e.elsewhere is None)
    assert tax.waiting == 7 and tax.issuing
    others = [e for e in menu.entries if e.elsewhere is not None]
    assert {e.elsewhere.zh for e in others if e.elsewhere} == {"请到B厅取号"} and len(others) == 16
    assert not any(e.button == "now" for e in others)
    assert menu.time == "10:00" and menu.banner is None and menu.elsewhere.zh == "以下事项请到B厅取号"


@pytest.mark.parametrize(
    ("hall", "fault", "why"),
    [
        ({}, "", None),
        ({}, "paper_low", None),
        ({}, "paper_out", "paper_out"),
        ({}, "offline", "offline"),
        ({"ready": False}, "", "not_ready"),
        ({"phase": "closed", "issuing": False}, "paper_out", "closed"),
        ({"phase": "lunch", "issuing": False}, "", "lunch"),
        ({"phase": "open", "issuing": False}, "", "stopped"),
    ],
)
def test_why_there_are_no_numbers(hall: dict[str, object], fault: str, why: str | None) -> None:
    banner = the_menu(standing(**hall), fault).banner
    assert (banner.why if banner else None) == why


def test_no_word_of_the_controller_is_away() -> None:
    stands = standing()
    stands.link(False)
    assert stands.away == "broker" and the_menu(stands).banner.why == "away"
    stands.link(True)
    assert stands.away == "controller"


def test_a_lower_epoch_or_revision_is_ignored() -> None:
    stands = standing(epoch=5, revision=7)
    assert stands.hall is not None
    for epoch, revision in ((4, 900), (5, 6)):
        old = msgspec.structs.replace(stands.hall, epoch=epoch, revision=revision, issuing=False)
        stands.heard(topics.now("kaiyang", "A", "hall"), codec.encode(old))
        assert stands.hall is not None and stands.hall.issuing


TOPICS = st.sampled_from(
    [
        "now/hall",
        "now/queues/tax",
        "now/queues/x",
        "now/jobs/A-K1",
        "here/controller",
        "here/x",
        "now/x/y",
        "evt/x",
        "now",
    ]
)


@given(
    TOPICS,
    st.one_of(
        st.binary(max_size=200), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(msgspec.json.encode)
    ),
)
async def test_no_message_whatever_raises_or_changes_the_hall(rest: str, payload: bytes) -> None:
    stands = standing()
    before = stands.hall
    stands.heard(f"kaiyang/A/{rest}", payload)
    assert stands.hall is before and not stands.jobs and not stands.queues


async def test_presence_is_taken_from_its_own_topic() -> None:
    stands = standing()
    here = Here(up=False, at=NOW, boot="x", devices={})
    stands.heard(topics.here("kaiyang", "A", "displays-A"), codec.encode(here))
    assert stands.controller
    stands.heard(topics.here("kaiyang", "A", "controller"), codec.encode(here))
    assert not stands.controller


@given(
    st.one_of(st.binary(max_size=300), st.dictionaries(st.text(), st.text() | st.integers()).map(msgspec.json.encode))
)
def test_any_body_is_a_touch_or_a_refusal(body: bytes) -> None:
    try:
        touch = msgspec.json.decode(body, type=Touch)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    assert len(touch.touch) == 36 and 1 <= len(touch.entry) <= 40
