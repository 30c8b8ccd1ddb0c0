"""Every table, key and item of a TOML text has its line, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_plans import SAMPLES

from hall.plan.positions import Source, read

TEXT = '''\
top.dotted = 1
"quoted key" = [ 1,
  { x = 1, y.z = "2" },  # a comment
]

[t."u.v".w]
k = """
several
lines"""
after = 'x'

[[list]]
n = 1
[list.sub]
z = [
  "a",
  "b",
]
[[list]]
n = 2
[[list.deep]]
q = { r = { s = 1 } }

[t]
late = true
'''


def test_lines():
    source = read(TEXT, "x.toml")
    assert source.problems == ()
    for path, line in {
        ("top",): 1,
        ("top", "dotted"): 1,
        ("quoted key",): 2,
        ("quoted key", 1): 3,
        ("quoted key", 1, "y", "z"): 3,
        ("t", "u.v"): 6,
        ("t", "u.v", "w", "k"): 7,
        ("t", "u.v", "w", "after"): 10,
        ("list",): 12,
        ("list", 0, "n"): 13,
        ("list", 0, "sub"): 14,
        ("list", 0, "sub", "z", 1): 17,
        ("list", 1): 19,
        ("list", 1, "deep", 0, "q", "r", "s"): 22,
        ("t",): 24,
        ("t", "late"): 25,
    }.items():
        assert source.line(path) == line, path


def test_what_has_no_line_of_its_own_has_its_tables():
    source = read(TEXT, "x.toml")
    assert source.line(("list", 1, "deep", 0, "missing", "key")) == 21
    assert source.line(("nowhere",)) == 1


def paths(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, item in items for path in paths(item, (*at, key)))]


def every_value_has_a_line(source: Source) -> None:
    assert [path for path in paths(source.values) if path not in source.lines] == []
    assert [path for path in source.lines if path and source.get(path) is None] == []


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_the_two_readings_of_a_sample_plan_agree(file):
    every_value_has_a_line(read(file.read_text(encoding="utf-8"), file.name))


KEYS = st.sampled_from(["a", "b", '"c d"', "'e.f'", '"\\u4e2d"', "g.h", "1"])
VALUES = st.recursive(
    st.sampled_from(["1", "true", '"x"', "'''\ny'''", "07:00:00"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(KEYS, inner, max_size=2).map(
            lambda d: "{" + ", ".join(f"{k} = {v}" for k, v in d.items()) + "}"
        )
    ),
    max_leaves=5,
)
ROWS = st.one_of(
    st.tuples(KEYS, VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    KEYS.map(lambda key: f"[{key}]"),
    KEYS.map(lambda key: f"[[{key}]]"),
    st.sampled_from(["", "# comment"]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ROWS, max_size=12))
def test_the_two_readings_agree_on_whatever_is_toml(rows):
    source = read("\n".join(rows), "x.toml")
    if source.readable:
        every_value_has_a_line(source)


def test_windows_line_ends_and_a_byte_order_mark():
    assert read("[a]\r\nb = 1\r\n", "x").line(("a", "b")) == 2
    assert read("\ufeff[a]\nb = 1\n", "x").values == {"a": {"b": 1}}
