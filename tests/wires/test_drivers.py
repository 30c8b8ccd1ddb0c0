"""The standing test of every driver there is: it finds the folders by itself, so a new driver is tested by being there.

It fits its port, takes its options and no others, its card is complete, every capture decodes and encodes again, it
imports hall only, and no bytes, however cut into reads, make it raise or change what it hears.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import typing
from pathlib import Path

import pytest
from captured import ROOT, Capture, filled, make, meanings, read
from hypothesis import given, settings
from hypothesis import strategies as st

from hall import cards, ports
from hall.faults import PlanError
from transport import drivers

SHELVES: dict[cards.Family, tuple[str, type]] = {
    "panel": ("displays/panels", ports.PanelDriver),
    "keypad": ("caller/keypads", ports.KeypadDriver),
    "printer": ("kiosk/printers", ports.PrinterDriver),
}
OURS = {
    "hall",
    "transport",
    "controller",
    "kiosk",
    "displays",
    "caller",
    "audit",
    "console",
    "cli",
    "simulators",
    "tests",
}


class Found(typing.NamedTuple):
    """A driver folder."""

    family: cards.Family
    folder: Path
    port: type

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def module(self) -> str:
        return ".".join(self.folder.relative_to(ROOT).parts)

    def driver(self, **options: str | int | bool) -> typing.Any:
        return importlib.import_module(self.module).Driver(options=options)

    def captures(self) -> dict[str, Capture]:
        return {file.stem: read(file) for file in sorted((self.folder / "captures").iterdir())}


def find() -> list[Found]:
    return [
        Found(family, init.parent, port)
        for family, (shelf, port) in SHELVES.items()
        for init in sorted((ROOT / shelf).glob("*/__init__.py"))
    ]


DRIVERS = find()
CAPTURES = [(found, name) for found in DRIVERS for name in found.captures()]
every_driver = pytest.mark.parametrize("found", DRIVERS, ids=lambda found: f"{found.family}-{found.name}")
every_capture = pytest.mark.parametrize(
    ("found", "capture"), CAPTURES, ids=[f"{found.name}-{name}" for found, name in CAPTURES]
)


def test_every_family_has_a_driver():
    assert {found.family for found in DRIVERS} == set(SHELVES)


@every_driver
def test_the_folder_is_found_by_its_name(found):
    assert drivers.driver_class(found.family, found.name) is importlib.import_module(found.module).Driver
    assert drivers.folders(found.family)[found.name] == found.folder


@pytest.mark.parametrize("family", SHELVES)
def test_a_driver_that_does_not_exist_is_an_error_naming_those_that_do(family):
    with pytest.raises(PlanError, match=next(found.name for found in DRIVERS if found.family == family)):
        drivers.driver_class(family, "no_such_box")
    with pytest.raises(PlanError):
        drivers.driver_class(family, "../" + family)


@every_driver
def test_it_fits_its_port(found):
    kind = type(found.driver())
    for name, wanted in vars(found.port).items():
        if (name.startswith("_") and name != "__init__") or not inspect.isfunction(wanted):
            continue
        assert inspect.signature(getattr(kind, name)).parameters.keys() == inspect.signature(wanted).parameters.keys()
        assert typing.get_type_hints(getattr(kind, name)) == typing.get_type_hints(wanted), name
    for name, hint in typing.get_type_hints(found.port).items():
        assert isinstance(getattr(kind, name), hint), name


@every_driver
def test_its_card_is_complete(found):
    card = drivers.cards(found.family)[found.name]
    assert (card.driver, card.family) == (found.name, found.family)
    assert card.device and card.makers and card.sources and card.wires and card.fonts
    assert card.proven.simulator and card.proven.unknown, "say what is proven and what is not known"
    assert card.plan.options == tuple(card.options), "[plan] names the options that the tables below explain"
    assert card.plan.characters > 0 and (card.plan.lines > 0 or found.family == "printer")
    assert card.answers == getattr(found.driver(), "answers", True)
    assert (card.answer_ms > 0) == card.answers
    assert card.addresses[0] <= card.addresses[1]


@every_driver
def test_the_card_names_exactly_the_options_the_driver_takes(found):
    card = drivers.cards(found.family)[found.name]
    for name, option in card.options.items():
        assert option.means and not option.problem(option.default)
        for value in (option.default, *option.choices):
            found.driver(**{name: value})
        assert cards.option_problems(card, {name: b"" if isinstance(option.default, str) else "far"})
    defaults = {name: option.default for name, option in card.options.items()}
    for capture in found.captures().values():
        if not capture.options:
            assert make(found.driver(**defaults), capture.call) == make(found.driver(), capture.call)
    with pytest.raises(PlanError):
        found.driver(no_such_option=1)
    assert "no_such_option" in cards.option_problems(card, {"no_such_option": 1})[0]


@every_driver
def test_it_holds_every_option_the_card_names_and_no_more(found):
    record = importlib.import_module(f"{found.module}.wire").Options
    card = drivers.cards(found.family)[found.name]
    taken = {name: getattr(record(), name) for name in record.__struct_fields__}
    assert taken == {name: option.default for name, option in card.options.items()}


@every_driver
def test_it_imports_hall_only(found):
    for file in found.folder.glob("*.py"):
        for name in _imported(ast.parse(file.read_text(encoding="utf-8"))):
            assert name.split(".")[0] not in OURS - {"hall"} or name.startswith(found.module), f"{file.name}: {name}"


def _imported(tree: ast.Module) -> list[str]:
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return names + [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


@every_driver
def test_it_has_captures(found):
    said = {capture.says for capture in found.captures().values()}
    assert said == {"host", "device"}


@every_capture
def test_a_capture_is_made_again_byte_for_byte(found, capture):
    held = found.captures()[capture]
    assert held.call or held.means or held.frame or held.update, "a capture without a meaning proves nothing"
    if held.call:
        assert make(found.driver(**held.options), held.call) == held.hex


@every_capture
def test_a_capture_is_heard_however_it_is_cut(found, capture):
    held = found.captures()[capture]
    data = b"".join(held.hex)
    if held.means:
        assert _heard(found, held, [data]) == meanings(held)
        if found.driver().heard(b"") == [] and not any(isinstance(said, ports.Garbled) for said in meanings(held)):
            assert _heard(found, held, [bytes([byte]) for byte in data]) == meanings(held)
            for at in range(len(data)):
                assert _heard(found, held, [data[:at], data[at:]]) == meanings(held)


def _heard(found: Found, held: Capture, reads: list[bytes]) -> list[object]:
    driver = found.driver(**held.options)
    make(driver, held.before)
    return [said for data in reads for said in driver.heard(data)]


@every_capture
def test_a_framed_capture_decodes_and_encodes_again(found, capture):
    held = found.captures()[capture]
    if (found.folder / "frame.py").exists() and not held.update and held.says == "device":
        assert held.frame, "this protocol has frames: say what they hold"
    for data, fields in zip(held.hex, held.frame, strict=bool(held.frame)):
        frame = importlib.import_module(f"{found.module}.frame")
        assert frame.decode(data) == filled(fields, frame.Frame)
        assert frame.encode(frame.decode(data)) == data


@every_driver
def test_foreign_bytes_never_raise_and_cuts_never_change_what_is_heard(found):
    said = [b"".join(held.hex) for held in found.captures().values()]
    pieces = st.one_of(st.binary(max_size=40), st.sampled_from(said), st.sampled_from(said).flatmap(_damaged))

    @settings(max_examples=150, deadline=None)
    @given(st.lists(pieces, max_size=6).map(b"".join), st.data())
    def holds(data, draw):
        cuts = sorted(draw.draw(st.lists(st.integers(0, len(data)), max_size=8)))
        reads = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        whole, parts = found.driver(), found.driver()
        at_once = whole.heard(data)
        in_parts = [word for read in reads for word in parts.heard(read)]
        assert _clear(at_once) == _clear(in_parts)
        assert bool(at_once) == bool(in_parts)  # noise is told of in both, though perhaps in more pieces

    holds()


def _damaged(data: bytes) -> st.SearchStrategy[bytes]:
    """A frame with one byte changed, or cut short."""
    return st.tuples(st.integers(0, len(data) - 1), st.integers(0, 255)).map(
        lambda at: data[: at[0]] + bytes([at[1]]) * (at[1] % 2) + data[at[0] + 1 :][: at[1]]
    )


def _clear(said: list[object]) -> list[object]:
    return [word for word in said if not isinstance(word, ports.Garbled)]


@every_driver
def test_reading_goes_on_behind_garbage(found):
    clear = [held for held in found.captures().values() if held.means and not held.before and _clear(meanings(held))]
    if not clear:
        assert not drivers.cards(found.family)[found.name].answers, "a box that answers needs a capture of an answer"
        return

    @settings(max_examples=150, deadline=None)
    @given(st.binary(max_size=300), st.sampled_from(clear), st.sampled_from(clear), st.integers(0, 30))
    def holds(garbage, torn, held, kept):
        driver = found.driver(**held.options)
        driver.heard(garbage + b"".join(torn.hex)[:kept])
        again = [word for _ in range(5) for word in driver.heard(b"".join(held.hex))]
        assert meanings(held)[-1] in again

    holds()


@every_driver
def test_noise_without_end_is_not_kept(found):
    driver = found.driver()
    for noise in (b"\xa5" + b"\x01" * 200_000, b"\xff\x68\x05\x05\x68" * 20_000, b"\x10\x00" * 50_000):
        driver.heard(noise)
    kept = sum(len(value) for value in _reach(driver) if isinstance(value, bytes | bytearray))
    assert kept < 10_000


def _reach(thing: object) -> list[object]:
    """Everything the driver holds on to."""
    inner = list(getattr(thing, "__dict__", {}).values())
    return inner + [value for part in inner for value in _reach(part)]
