"""One press is one press, however often its frame comes; and two presses are two."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from caller.folding import DIGITS_FOLD_MS, FRAMES_MAX, STUCK_MS, Folding

FOLD_MS = 400
CALL = (0x0C,)


@given(st.lists(st.integers(0, FOLD_MS - 1), max_size=50))
def test_repeats_without_a_pause_are_one_press(gaps: list[int]) -> None:
    folding, now = Folding(FOLD_MS), 1000
    assert not folding.is_again(1, CALL, now)
    for gap in gaps:
        now += gap
        assert folding.is_again(1, CALL, now)
    assert not folding.is_again(1, CALL, now + FOLD_MS)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([CALL, (0x0D,), (6, 0x0F)])), max_size=60))
def test_other_keys_and_keypads_do_not_disturb_each_other(frames: list[tuple[int, tuple[int, ...]]]) -> None:
    """Within one moment each frame counts once, in whatever order they are mixed."""
    folding = Folding(FOLD_MS)
    first = [not folding.is_again(address, keys, 1000 + n) for n, (address, keys) in enumerate(frames)]
    assert sum(first) == len(set(frames))


def test_the_same_digits_typed_again_are_meant() -> None:
    folding = Folding(FOLD_MS)
    assert not folding.is_again(1, (1,), 0)
    assert folding.is_again(1, (1,), 30)
    assert not folding.is_again(1, (1,), 30 + DIGITS_FOLD_MS)


def test_a_key_that_does_not_let_go_is_stuck_until_it_does() -> None:
    folding = Folding(FOLD_MS)
    for now in range(0, STUCK_MS + 1, 50):
        assert not folding.stuck(now)
        folding.is_again(7, CALL, now)
    assert folding.stuck(STUCK_MS) == {7: 0x0C}
    assert not folding.stuck(STUCK_MS + FOLD_MS)


def test_a_flood_of_strange_frames_fills_no_memory() -> None:
    folding = Folding(FOLD_MS)
    for n in range(3 * FRAMES_MAX):
        folding.is_again(n % 256, (n // 256 % 10, n // 2560 % 10, 0x0C + n // 25600), 0)
    assert len(folding._last) <= FRAMES_MAX and len(folding._first) <= FRAMES_MAX
