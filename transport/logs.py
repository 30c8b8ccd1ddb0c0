"""Log lines of every process: one line each on stderr, `time level name: what key=value ...`, foreign text made inert.

A device, a peer or a citizen must not be able to forge a line, paint a terminal or turn its text round: whatever is
not printable (control characters, bidi marks, half surrogates) is written as an escape.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from transport.clock import Clock

LEVELS = ("debug", "info", "warning", "error")
VALUE_MAX = 400  # characters of one value; the rest of a longer one is cut
TRACE_MAX = 8000  # characters of a trace (debug only)

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/@+?&#,*<>")


def set_up(level: str, clock: Clock, stream: TextIO | None = None) -> None:
    """Send our own and the libraries' logs to stderr; libraries only from warning on, unless debugging."""
    number = getattr(logging, level.upper())
    lines = _Lines(clock, number <= logging.DEBUG, stream if stream is not None else sys.stderr)
    structlog.configure(
        processors=[structlog.processors.add_log_level, lines.render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *names: _Named(lines, str(names[0]) if names else "-"),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        handlers=[_Foreign(lines)], level=number if number <= logging.DEBUG else logging.WARNING, force=True
    )


def inert(text: str, most: int = VALUE_MAX) -> str:
    """Text that cannot do anything to whoever looks at it: cut, and what is not printable escaped."""
    return _escaped(_cut(text, most))


def value(given: object, most: int = VALUE_MAX) -> str:
    """A value of a key, quoted when it would not be one word."""
    text = _cut(str(given), most)  # before quoting, so that no half escape is left at the end
    if text and (set(text) <= _PLAIN or text.isalnum()):
        return _escaped(text)
    return '"' + _escaped(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + "…"


def _escaped(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class _Lines:
    def __init__(self, clock: Clock, traces: bool, stream: TextIO) -> None:
        self._clock, self._traces, self._stream = clock, traces, stream

    def render(self, logger: Any, _: str, told: MutableMapping[str, Any]) -> str:
        level, event, fault = told.pop("level"), told.pop("event"), told.pop("exc_info", None)
        pairs = "".join(f" {key}={value(told[key])}" for key in told)
        if self._traces and fault is not None:
            pairs += f" trace={value(_trace(fault), TRACE_MAX)}"
        return f"{self._clock.stamp()} {level:<7} {inert(getattr(logger, 'name', '-'))}: {inert(str(event))}{pairs}"

    def write(self, line: str) -> None:
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, ValueError):  # nobody listens any more; a room does not die of that
            pass


class _Named:
    """What structlog writes to: every method takes a finished line."""

    def __init__(self, lines: _Lines, name: str) -> None:
        self._lines, self.name = lines, name

    def msg(self, line: str) -> None:
        self._lines.write(line)

    debug = info = warning = error = critical = exception = log = msg


class _Foreign(logging.Handler):
    """The standard library's log records, in our form."""

    def __init__(self, lines: _Lines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        fault = record.exc_info[1] if record.exc_info else None
        told: dict[str, Any] = {"level": record.levelname.lower(), "event": record.getMessage(), "exc_info": fault}
        if fault is not None:
            told["fault"] = f"{type(fault).__name__}: {fault}"
        self._lines.write(self._lines.render(_Named(self._lines, record.name), "", told))


def _trace(fault: object) -> str:
    shown = fault if isinstance(fault, BaseException) else sys.exc_info()[1]
    return "".join(traceback.format_exception(shown))[-TRACE_MAX:] if shown is not None else ""
