"""The keypad's grammar: what is pressed, in which frames, and what it means."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_plans import sample, the_house

from hall import commands
from hall.plan import load
from hall.plan.keying import FF68_KEYS, WORDS, parse
from hall.plan.pressing import Meant, Pressing, Typed, Unclear

LINE = load(sample("small"), "halls/small.toml", the_house()).halls["S"].keypad_lines["S-1"]
OK, CALL, TRANSFER, CANCEL = 0x0F, 0x0C, 0x13, 0x0E


def press(*frames: tuple[int, ...], apart_ms: int = 300) -> Meant | Typed | Unclear:
    """The meaning of the last of these frames."""
    pressing, found = Pressing(LINE), None
    for number, frame in enumerate(frames):
        found = pressing.press(frame, 1_000_000 + number * apart_ms)
    assert found is not None
    return found


def one_by_one(digits: str, key: int) -> list[tuple[int, ...]]:
    return [*((int(digit),) for digit in digits), (key,)]


@pytest.mark.parametrize(
    ("frame", "word", "argument"),
    [
        ((0x0C,), "CallNext", ""),
        ((0x0D,), "Recall", ""),
        ((0x0B,), "Finish", ""),
        ((0x11,), "StartService", ""),
        ((0x12,), "PauseOrResume", ""),
        ((6, OK), "MarkNoShow", ""),
        ((0, OK), "HoldTicket", ""),
        ((3, OK), "ResumeTicket", ""),
        ((0, 1, OK), "HoldTicket", "escort_face"),
        ((0, 2, OK), "HoldTicket", "escort_fingerprint"),
        ((5, OK), "HandBack", ""),
        ((7, OK), "ServeHere", ""),
        ((7, 2, OK), "ServeHere", "fund"),
        ((9, OK), "LogOut", ""),
        ((2, OK), "AddMatter", ""),
        ((1, TRANSFER), "TransferTicket", "queue:large"),
        ((3, TRANSFER), "TransferTicket", "window:S03"),
        ((1, 1, 0, 0, 1, OK), "LogIn", "1001"),
    ],
)
def test_one_frame(frame, word, argument):
    assert press(frame) == Meant(word, argument)


def test_longer_entries_come_digit_by_digit():
    assert press(*one_by_one("11003", OK)) == Meant("LogIn", "1003")
    assert press(*one_by_one("80042", OK)) == Meant("CallNumber", "0042")
    assert press((1, 1, 0), (0, 3), (OK,)) == Meant("LogIn", "1003")
    assert press((1,), (1,)) == Typed("11")


@pytest.mark.parametrize("digit", [0, 3, 6])
def test_what_is_left_of_a_forgotten_entry_is_never_a_short_sequence(digit):
    assert press((1,), (1,), (0,), (0,), apart_ms=9000) == Typed("0")
    assert press((digit,), (OK,)) == Unclear(str(digit), OK)
    assert press((0,), (1,), (OK,)) == Unclear("01", OK)


def test_an_entry_too_long_or_too_short_means_nothing():
    assert press(*one_by_one("110034", OK)) == Unclear("110034", OK)
    assert press(*one_by_one("1100", OK)) == Unclear("1100", OK)
    assert isinstance(press(*one_by_one("1" * 40, OK)), Unclear)


def test_digits_before_a_key_that_takes_none_are_not_passed_over():
    assert press((4,), (CALL,)) == Unclear("4", CALL)
    assert press((4,), (CALL,), (CALL,)) == Meant("CallNext")


def test_cancel_takes_digits_back():
    assert press((1,), (1,), (CANCEL,)) == Meant("Clear")
    assert press((1,), (1,), (CANCEL,), (6, OK)) == Meant("MarkNoShow")


def test_a_target_nobody_named_means_nothing():
    assert press((9, TRANSFER)) == Unclear("9", TRANSFER)
    assert press((7, 9, OK)) == Unclear("79", OK)


def test_a_clock_set_back_forgets_digits_and_nothing_else():
    pressing = Pressing(LINE)
    pressing.press((1,), 1_000_000)
    assert pressing.press((CALL,), 5) == Meant("CallNext")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.lists(st.integers(0, 255), max_size=5), st.integers(0, 20_000)), max_size=20))
def test_no_keys_raise(frames):
    pressing, now = Pressing(LINE), 0
    for keys, later in frames:
        now += later
        found = pressing.press(tuple(keys), now)
        assert not isinstance(found, Meant) or found.word in WORDS


def test_the_default_table_has_no_clash_and_keeps_the_makers_sequences():
    table = [parse(text, meaning) for text, meaning in FF68_KEYS.items()]
    assert not [(one.text, two.text) for one, two in combinations(table, 2) if one.clashes(two)]
    assert (FF68_KEYS["00 0F"], FF68_KEYS["03 0F"], FF68_KEYS["06 0F"]) == ("HoldTicket", "ResumeTicket", "MarkNoShow")


def test_every_word_is_a_command_or_explained():
    assert {word for word in WORDS if not hasattr(commands, word)} == {"Finish", "PauseOrResume", "Clear"}
