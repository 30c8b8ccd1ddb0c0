"""The house itself: sizes, walls, words that may not be written, documents that must not lag behind the code."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser
from functools import cache
from pathlib import Path
from string import Formatter

import msgspec
import pytest

from audit.verifying.verdicts import JUDGED
from hall import commands, events, wording
from hall.faults import HallFault
from hall.names import KEYPAD_CODE, Why
from hall.plan import model

HOUSE = Path(__file__).resolve().parent.parent.parent
OURS = ("hall", "transport", "controller", "kiosk", "displays", "caller", "console", "audit", "cli")
FAR_SIDE = "simulators"
ROOMS = OURS[2:]

FILE_MAX = 400  # lines; about 80 is what we aim at
LISTS = {"hall/events.py"}  # one record after another: splitting it would only hide some
TEST_FILE_MAX = 600  # plays are read one by one
FUNCTION_MAX = 60  # lines; a screen

NOT_SHIPPED = {"benchmarks"}  # run from the tree: make bench

QUIET = {"controller/core": "controller.core"}
"""Folders that see hall and themselves, and how they are called; every driver's folder is one too."""

LINK = re.compile(r"\]\(<?([^)>#\s]+)(?:#[^)]*)?>?\)")  # of Markdown, without the part behind #

# written in two halves: this file is read by its own test
FORBIDDEN = ["py" + "pi.org", "python" + "hosted", "npm" + "js.org", "deb." + "debian", "/wo" + "rk/", "/ro" + "ot/"]


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the checkout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=HOUSE, capture_output=True, text=True, check=True).stdout
    return tuple(path for name in listed.split("\0") if name and (path := HOUSE / name).is_file())


def name_of(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def python_files(*folders: str) -> list[Path]:
    found = [path for path in tracked() if path.suffix == ".py"]
    return [path for path in found if not folders or name_of(path).split("/")[0] in folders]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """Absolute names of the modules a file imports."""
    package = name_of(path).removesuffix(".py").split("/")[:-1]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


# -- sizes ---------------------------------------------------------------------------------------------------------


def test_no_file_outgrows_what_a_reader_holds() -> None:
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    most = {name: TEST_FILE_MAX if name.startswith("tests/") else FILE_MAX for name in sizes if name not in LISTS}
    too_long = {name: sizes[name] for name, limit in most.items() if sizes[name] > limit}
    assert not too_long


def test_no_function_outgrows_a_screen() -> None:
    too_long = {}
    for path in python_files():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_MAX:
                    too_long[f"{name_of(path)}:{node.lineno} {node.name}"] = lines
    assert not too_long


def test_every_file_says_why_it_exists() -> None:
    assert not [name_of(path) for path in python_files() if not ast.get_docstring(tree_of(path))]


def test_no_file_is_called_by_a_word_for_anything() -> None:
    nothing = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "base"}
    assert not [name_of(path) for path in python_files() if path.stem in nothing]


# -- walls ---------------------------------------------------------------------------------------------------------


def test_the_import_contracts_hold() -> None:
    """The same contracts `make check` runs (setup.cfg)."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    said = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stdout


def quiet_folders() -> list[str]:
    drivers = {name_of(path.parent) for path in tracked() if path.name == "card.toml"}
    return [*QUIET, *sorted(drivers)]


@pytest.mark.parametrize("folder", quiet_folders())
def test_the_core_and_every_driver_see_hall_and_themselves_only(folder: str) -> None:
    own = folder.replace("/", ".")
    seen = {
        f"{name_of(path)}: {module}"
        for path in python_files()
        if name_of(path).startswith(folder + "/") and (HOUSE / folder / "__init__.py").exists()
        for module in imported(path)
        if module.split(".")[0] in (*OURS, FAR_SIDE) and module.split(".")[0] != "hall"
        if not f"{module}.".startswith(f"{own}.") and folder.split("/")[0] != FAR_SIDE
    }
    assert not seen


def test_simulators_see_nothing_of_ours() -> None:
    """Lazy imports inside functions too, which a graph of modules shows and a reader may miss."""
    seen = [f"{name_of(p)}: {m}" for p in python_files(FAR_SIDE) for m in imported(p) if m.split(".")[0] in OURS]
    assert not seen


def test_no_room_names_another() -> None:
    seen = [
        f"{name_of(path)}: {module}"
        for path in python_files(*ROOMS)
        for module in imported(path)
        if module.split(".")[0] in ROOMS and module.split(".")[0] != name_of(path).split("/")[0]
    ]
    assert not seen


# -- errors --------------------------------------------------------------------------------------------------------


def all_modules() -> Iterator[str]:
    for room in OURS:
        yield room
        for found in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
            if not found.name.endswith("__main__"):
                yield found.name


def test_every_error_of_ours_has_one_root() -> None:
    """Whoever catches HallFault catches us; names with an underscore never leave their file."""
    for module in all_modules():
        importlib.import_module(module)
    stray = [
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in errors_below(Exception)
        if kind.__module__.split(".")[0] in OURS and not issubclass(kind, HallFault) and kind.__name__[0] != "_"
    ]
    assert not stray


def errors_below(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    for below in kind.__subclasses__():
        yield below
        yield from errors_below(below)


# -- words ---------------------------------------------------------------------------------------------------------


def test_nothing_names_a_registry_or_a_place_on_one_machine() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name_of(path)}: {word}" for word in FORBIDDEN if word in text]
    assert not found


def test_both_catalogues_say_the_same_things_with_the_same_values() -> None:
    chinese, english = (wording.CATALOGUES[lang] for lang in ("zh", "en"))
    assert chinese.keys() == english.keys()

    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    # English needs words Chinese does not ({site_en}); every Chinese value must be there in English or by its English
    strange = {key for key in chinese if {n.removesuffix("_en") for n in places(english[key])} != places(chinese[key])}
    assert not strange


def test_every_refusal_has_a_text_and_a_code_of_two_digits() -> None:
    for why in Why:
        assert wording.say(f"refusal.{why.value}")
        assert 1 <= KEYPAD_CODE[why] <= 99
    assert len(set(KEYPAD_CODE.values())) == len(Why)


# -- documents -----------------------------------------------------------------------------------------------------


def document(name: str) -> str:
    return (HOUSE / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("record", [model.Options, model.Priority, model.Limits, model.Hours, model.Site, model.Broker])
def test_every_setting_of_the_plan_is_explained(record: type[msgspec.Struct]) -> None:
    known = set(re.findall(r"^\| `([a-z_.]+)`", document("settings.md"), re.MULTILINE))
    derived = {"classes", "names", "names_en"}  # written as the table [priority.classes] in the file
    assert not set(record.__struct_fields__) - known - derived


@pytest.mark.parametrize(("module", "root"), [(commands, commands.Command), (events, events.Event)])
def test_every_command_and_event_is_described(module: object, root: type) -> None:
    kinds = [
        n for n, kind in vars(module).items() if isinstance(kind, type) and issubclass(kind, root) and kind != root
    ]
    text = document("topics.md")
    assert kinds
    assert not [name for name in kinds if name not in text]


def test_every_invariant_is_accounted_for() -> None:
    rows = re.findall(r"^\| I(\d+) \|", document("invariants.md"), re.MULTILINE)
    assert [int(number) for number in rows] == list(range(1, 43))


def test_what_the_invariants_say_holds_them_exists() -> None:
    named = set(re.findall(r"`([a-z]+/[\w/.-]+\.(?:py|toml|cfg|js|conf))`", document("invariants.md")))
    assert named
    assert not sorted(name for name in named if not (HOUSE / name).exists())


def test_every_invariant_a_journal_tells_of_names_a_test_that_holds_it() -> None:
    rows = dict(re.findall(r"^\| (I\d+) \|(.*)$", document("invariants.md"), re.MULTILINE))
    assert not [name for name in (*JUDGED, "I29", "I31") if "`tests/" not in rows[name]]


def test_every_relative_link_leads_somewhere() -> None:
    pages = [path for path in tracked() if path.suffix == ".md"]
    links = [(page, target) for page in pages for target in LINK.findall(page.read_text(encoding="utf-8"))]
    relative = [(page, target) for page, target in links if "://" not in target and not target.startswith("mailto:")]
    assert relative
    assert not [f"{name_of(page)}: {target}" for page, target in relative if not (page.parent / target).exists()]


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in (HOUSE / "docs" / "decisions").glob("*.md") if path.name[0].isdigit()]
    assert numbers
    assert len(numbers) == len(set(numbers))


# -- packaging -----------------------------------------------------------------------------------------------------


def lock(name: str) -> dict[str, int]:
    """Package -> how many hashes it has."""
    text = (HOUSE / "requirements" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    rows = [row for row in text.splitlines() if row and not row.startswith("#")]
    return {re.split(r"[=\[; ]", row)[0].lower(): row.count("--hash=sha256:") for row in rows}


def test_every_dependency_is_locked_with_hashes() -> None:
    config = ConfigParser()
    config.read(HOUSE / "setup.cfg", encoding="utf-8")

    def wanted(text: str) -> set[str]:
        rows = (row.strip() for row in text.splitlines())
        return {re.split(r"[~=<>!;\[ ]", row)[0].lower() for row in rows if row and not row.startswith("#")}

    for name, needs in (
        ("run", wanted(config["options"]["install_requires"])),
        ("dev", wanted(config["options"]["install_requires"]) | wanted(config["options.extras_require"]["dev"])),
    ):
        locked = lock(name)
        assert needs <= locked.keys()
        assert min(locked.values()) > 0
    assert lock("run").keys() <= lock("dev").keys()


def test_every_top_level_folder_with_code_is_packaged() -> None:
    config = ConfigParser()
    config.read(HOUSE / "setup.cfg", encoding="utf-8")
    packaged = {row.rstrip("*") for row in config["options.packages.find"]["include"].split()}
    found = {path.parent.name for path in python_files() if path.name == "__init__.py" and depth(path) == 2}
    assert packaged == found - NOT_SHIPPED
    assert packaged <= set(config["importlinter"]["root_packages"].split()), "every folder has its walls"


def depth(path: Path) -> int:
    return len(path.relative_to(HOUSE).parts)


def test_every_data_file_of_a_package_is_packaged() -> None:
    """What a wheel would leave behind: files beside the code whose kind setup.cfg does not name."""
    config = ConfigParser()
    config.read(HOUSE / "setup.cfg", encoding="utf-8")
    patterns = config["options.package_data"]["*"].split()
    packages = {path.parent for path in tracked() if path.name == "__init__.py"}
    left = []
    for path in tracked():
        home = next((parent for parent in path.parents if parent in packages), None)
        if home and path.suffix not in {".py", ".md"} and name_of(path).split("/")[0] != "tests":
            relative = path.relative_to(home)
            if not any(relative.match(p) and len(relative.parts) == p.count("/") + 1 for p in patterns):
                left.append(name_of(path))
    assert not left


def test_the_build_file_is_three_lines() -> None:
    text = (HOUSE / "pyproject.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text).keys() == {"build-system"}
    assert len(text.splitlines()) == 3
