"""Which line of a TOML text holds which table, key and list item: tree-sitter's tree, walked once.

Only a text that tomllib accepts comes here; see docs/decisions/0003-toml-positions.md.
"""

from __future__ import annotations

import tomllib

import tree_sitter
import tree_sitter_toml

from hall.plan.problems import Path

_LANGUAGE = tree_sitter.Language(tree_sitter_toml.language())


def lines_of(text: str) -> dict[Path, int]:
    """The line of every table, key and list item; the first mention counts."""
    lines: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}  # items so far of each list of tables
    for node in tree_sitter.Parser(_LANGUAGE).parse(text.encode()).root_node.named_children:
        if node.type == "pair":
            _pair(node, (), lines)
        elif node.type in ("table", "table_array_element"):
            path = _header(node, counts)
            _mark(path, node, lines)
            for child in node.named_children:
                if child.type == "pair":
                    _pair(child, path, lines)
    return _implied(lines) | lines


def _header(node: tree_sitter.Node, counts: dict[Path, int]) -> Path:
    """The full path of a table's header; inside a list of tables it means the list's last item."""
    path: Path = ()
    keys = _keys(node.named_children[0])
    for number, key in enumerate(keys, start=1):
        path = (*path, key)
        if number == len(keys) and node.type == "table_array_element":
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, counts[path] - 1)
    return path


def _pair(node: tree_sitter.Node, path: Path, lines: dict[Path, int]) -> None:
    for key in _keys(node.named_children[0]):
        path = (*path, key)
        _mark(path, node, lines)
    _value(next(child for child in node.named_children[1:] if child.type != "comment"), path, lines)


def _value(node: tree_sitter.Node, path: Path, lines: dict[Path, int]) -> None:
    _mark(path, node, lines)
    if node.type == "inline_table":
        for child in node.named_children:
            if child.type == "pair":
                _pair(child, path, lines)
    elif node.type == "array":
        items = [child for child in node.named_children if child.type != "comment"]
        for index, child in enumerate(items):
            _value(child, (*path, index), lines)


def _mark(path: Path, node: tree_sitter.Node, lines: dict[Path, int]) -> None:
    lines.setdefault(path, node.start_point[0] + 1)


def _implied(lines: dict[Path, int]) -> dict[Path, int]:
    """Tables nobody wrote a header for begin where they are first needed."""
    implied: dict[Path, int] = {}
    for path, line in sorted(lines.items(), key=lambda item: item[1]):
        for length in range(1, len(path)):
            implied.setdefault(path[:length], line)
    return implied


def _keys(node: tree_sitter.Node) -> tuple[str, ...]:
    """The words of a bare, quoted or dotted key, as tomllib understands them."""
    here: object = tomllib.loads(f"{(node.text or b'').decode()} = 0")
    words: list[str] = []
    while isinstance(here, dict):
        word, here = next(iter(here.items()))
        words.append(word)
    return tuple(words)
