"""What a proof has to tell beyond passed or failed: `record_property("told", text)` stands at the end of the run."""

from __future__ import annotations

from _pytest.terminal import TerminalReporter


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "told":
                terminalreporter.write_line(f"\n{report.nodeid}\n{text}")
