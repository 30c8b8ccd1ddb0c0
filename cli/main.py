"""The `hall` program: every door of the house behind one name. Thin: it reads the plan and starts processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from cli import doors
from cli.console import warn
from hall.faults import HallFault
from hall.plan import BadPlan

EPILOG = """\b
The first five minutes:
  hall check halls/kaiyang.toml    the site as tables
  hall run halls/kaiyang.toml      open the test bench it prints: touch 马上办
                                   at a machine, press 呼叫 at a window
  hall ticket A0001                and what became of it
"""
Level = Literal["debug", "info", "warning", "error"]
PlanFile = Annotated[
    Path, typer.Argument(metavar="PLAN", help="The hall's plan, a TOML file, e.g. halls/kaiyang.toml.")
]
PlanOption = Annotated[
    Path | None, typer.Option("--plan", metavar="PLAN", help="The plan; without it, the one last run on this state.")
]
Var = Annotated[Path, typer.Option("--var", help="State directory: journals, logs, the compiled plan, serial lines.")]
ClockText = Annotated[
    str,
    typer.Option(
        "--clock",
        help="auto (demo for simulated plans, else real), real, demo (always within opening hours, never backwards),"
        " a local time with a rate such as 2026-11-23T09:00x60, or HALL_MS@REAL_MSxRATE.",
    ),
]
Shift = Annotated[int, typer.Option("--port-shift", help="Added to every port of the plan: a second hall beside one.")]
LogLevel = Annotated[Level, typer.Option("--log-level", help="The least weight of what rooms log.")]
Seed = Annotated[
    int, typer.Option("--seed", help="Dice of the simulated devices' faults: the same seed, the same run.")
]
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
"""Of commands whose options are their room's own."""
TraceFile = Annotated[
    Path | None,
    typer.Option("--trace", metavar="FILE", help="Simulated devices write what people could notice, for hall verify."),
]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog=EPILOG,
    help="Onewindow 一窗: the queue and the devices of a government service hall.",
)


@app.command(short_help="Read a plan: tables, or every problem in it.")
def check(
    plan: PlanFile,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the compiled plan instead: all that rooms read.")
    ] = False,
    port_shift: Shift = 0,
) -> None:
    """Read a plan, show the site as tables, name every problem with file, line and how to mend it. Exit 1 if any."""
    typer.echo(doors.check(plan, as_json, port_shift), nl=False)


@app.command(short_help="All rooms of a plan on this machine, until Ctrl-C.")
def run(
    plan: PlanFile,
    var: Var = Path("var"),
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start with an empty state: removes what is in --var.")
    ] = False,
    clock: ClockText = "auto",
    port_shift: Shift = 0,
    log_level: LogLevel = "info",
    seed: Seed = 1,
    only: Annotated[
        str,
        typer.Option(
            "--only", help="Start only these, e.g. controller,displays (of: " + ", ".join(doors.FAMILIES) + ")."
        ),
    ] = "",
    trace: TraceFile = None,
) -> None:
    """Run all rooms of a plan on this machine, each in its own process, until Ctrl-C.

    A room that dies is started again, unless it dies too often. A simulated plan brings its devices along. What the
    rooms log is in VAR/log; warnings appear here too. The state stays: the next run goes on with the same day.

    \b
    Examples:
      hall run halls/kaiyang.toml
      hall run my.toml --var my --port-shift 1000 --clock 2026-11-23T09:00x60
      hall run live.toml --var /var/lib/onewindow --only controller,displays,caller
    """
    wanted = doors.Wanted(
        plan, var, fresh, clock, port_shift, log_level, seed, tuple(filter(None, only.split(","))), trace
    )
    raise typer.Exit(doors.run(wanted))


@app.command(short_help="Broker, firmware, service and kiosk files for a plan.")
def firmware(
    plan: PlanFile,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write; new, or written by us before.")],
    also: Annotated[
        str, typer.Option("--also", help="Characters the panels must show beside those of the plan's names.")
    ] = "",
) -> None:
    """Write what a real hall is installed with: Mosquitto's configuration and access list, ESPHome firmware for panels
    and keypads, systemd units, the kiosks' lock-down, and install.md, which says what to do with it. Nothing is secret.

    What an earlier writing left and the plan no longer has is taken away. Example:
    hall firmware halls/kaiyang.toml --out firmware-configs
    """
    typer.echo(doors.write_firmware(plan, out, also))


@app.command(short_help="The controller alone: decides, keeps the journals.")
def controller(
    plan: PlanOption = None, var: Var = Path("var"), clock: ClockText = "real", log_level: LogLevel = "info"
) -> None:
    """Run the controller alone: it decides, writes the journal and speaks. One per site."""
    _become(("controller",), plan, var, clock, log_level)


@app.command(short_help="One ticket machine: touch page and printer.")
def kiosk(
    machine: Annotated[str, typer.Argument(metavar="ID", help="A ticket machine of the plan, e.g. A-K1.")],
    plan: PlanOption = None,
    var: Var = Path("var"),
    clock: ClockText = "real",
    log_level: LogLevel = "info",
) -> None:
    """Run one ticket machine: its touch page and its printer. For the kiosk's own computer: hall kiosk A-K1"""
    _become(("kiosk", machine), plan, var, clock, log_level)


@app.command(short_help="The LED panels of a hall.")
def displays(
    hall: Annotated[str, typer.Argument(metavar="HALL", help="A hall of the plan, e.g. A.")],
    plan: PlanOption = None,
    var: Var = Path("var"),
    clock: ClockText = "real",
    log_level: LogLevel = "info",
) -> None:
    """Run the LED panels of a hall."""
    _become(("displays", hall), plan, var, clock, log_level)


@app.command(short_help="The keypads and evaluators of a hall.")
def caller(
    hall: Annotated[str, typer.Argument(metavar="HALL", help="A hall of the plan, e.g. A.")],
    line: Annotated[str, typer.Option("--line", help="One serial line, e.g. A-1.")] = "",
    pages: Annotated[bool, typer.Option("--pages", help="The staff's pages instead: soft caller, guide ...")] = False,
    plan: PlanOption = None,
    var: Var = Path("var"),
    clock: ClockText = "real",
    log_level: LogLevel = "info",
) -> None:
    """Run the keypads and evaluators on one serial line of a hall: hall caller A --line A-1"""
    wanted = ("--pages",) if pages else ("--line", line) if line else ()
    _become(("caller", hall, *wanted), plan, var, clock, log_level)


@app.command(short_help="The supervisor's console: watch, and act.")
def console(
    hall: Annotated[str, typer.Option("--hall", metavar="HALL", help="Watch this hall alone, e.g. A.")] = "",
    lang: Annotated[Literal["zh", "en"], typer.Option("--lang", help="Language to begin with; z changes it.")] = "zh",
    name: Annotated[str, typer.Option("--id", help="Its name on the bus; a free number when not given.")] = "",
    plan: PlanOption = None,
    var: Var = Path("var"),
    clock: Annotated[str, typer.Option("--clock", help="running (that of the hall on this state), or as in run.")] = (
        "running"
    ),
    log_level: LogLevel = "info",
) -> None:
    """Watch the halls of a site in the terminal, trouble first, and act in them: ? shows the keys. The passwords of
    supervisors were shown once, by the first hall run. Example:  hall console --hall A
    """
    wanted = {"--hall": hall, "--lang": lang, "--id": name}
    _become(("console", *(word for pair in wanted.items() if pair[1] for word in pair)), plan, var, clock, log_level)


@app.command(short_help="The far side alone: simulated devices, test bench.")
def simulate(
    plan: PlanOption = None,
    var: Var = Path("var"),
    clock: ClockText = "real",
    log_level: LogLevel = "info",
    seed: Seed = 1,
    trace: TraceFile = None,
) -> None:
    """Run the far side alone: printers, panels, keypads and the test bench page. Refuses a live plan."""
    _become(
        ("simulators", "--seed", str(seed), *(("--trace", str(trace)) if trace else ())), plan, var, clock, log_level
    )


@app.command(short_help="Recorded days of arrivals through the real rooms.")
def replay(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A CSV (.gz too): date, arrival, type, priority, outcome, service_s.")
    ],
    plan: Annotated[Path, typer.Option("--plan", help="The hall the day goes through.")] = Path("halls/kaiyang.toml"),
    var: Var = Path("var/replay"),
    speed: Annotated[float, typer.Option("--speed", min=0.1, max=5000, help="How many times faster than life.")] = 60.0,
    windows: Annotated[
        int, typer.Option("--windows", min=0, help="Staffed windows; 0: as many as give about 90 % peak load.")
    ] = 0,
    stretch: Annotated[
        float, typer.Option("--stretch", min=0.0, max=1000, help="Service times are multiplied by this.")
    ] = 1.0,
    day: Annotated[
        str, typer.Option("--day", help="A date of the file, FROM..TO, or all; the first one if not given.")
    ] = "",
    port_shift: Shift = 2000,
    log_level: LogLevel = "warning",
    seed: Seed = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, a line for each day.")] = False,
) -> None:
    """Send recorded days of arrivals through the real rooms, and print how it went. Exit 1 when anything was at fault.

    The hall it runs in is its own (--var, --port-shift), started fresh and stopped afterwards, so that it can run
    beside another. The file's day, from its first arrival to its last, becomes the hall's, from opening to a quarter
    of an hour before closing. Several days run one after the other on one state, the hall switched off at night; a day
    on which the hall is closed moves to its next opening. Then hall verify judges the journals and what the devices
    showed. At 60 times its speed a day of eight hours takes eight minutes. Machines and wires run at their own speed:
    a key that takes 50 ms takes 3 of the hall's seconds at 60 and 12 at 240, so that waits grow with --speed.

    \b
    Example:  hall replay arrivals.csv --day all --speed 120

    \b
    The rows of the table (waits in the hall's seconds, press and touch in real ms):
      rows left out     a date, time or number makes no sense; named below
      tickets, refused  every arrival is one or the other, with the reasons
      served, no-shows  who hung up in the file is called twice, and not there
      load asked        work of the busiest hour, of what staffed windows can do
      utilisation       share of that time staffed windows had somebody; below
                        the load, for a small queue has a window of its own
      waits             from the touch to the call; all, ordinary, priority
      file's waits      the same people's, then: other staff, a longer day.
                        Compare the shape, not the figure
      press to light    key pressed, number lit on the panel
      touch to slip     page touched, paper cut
      presses of 呼叫   …nobody left: several idle windows pressed for one
                        citizen, and another was faster: no trouble
      keys of a visit   what keys, wires and rooms added to a visit, its median
      late touches      more than 5 minutes after the file's time, for the
                        computer was too slow: waits then say little
      faults            each named below; any makes the exit code 1
    """
    wanted = doors.Wanted(plan, var, True, "real", port_shift, log_level, seed, ())
    raise typer.Exit(doors.replay(wanted, doors.Day(file, day, speed, windows, stretch, seed, as_json)))


@app.command(
    short_help="The life of one ticket, event by event.",
    context_settings=PASSED_ON,
)
def ticket(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The number on the slip, e.g. A0012.")],
    var: Var = Path("var"),
) -> None:
    """Tell the life of one ticket, event by event, with who did it and why. Reads the journal; the hall may be running.

    More options are those of the audit room: python -m audit ticket --help
    """
    doors.become(("audit", "ticket", number, "--var", str(var), *ctx.args))


@app.command(short_help="Judge journals and device traces: what must always hold, does it?", context_settings=PASSED_ON)
def verify(ctx: typer.Context) -> None:
    """Judge journals, and what devices showed, against what must always hold; say where it does not. Exit 1 then.

    \b
    Examples:
      hall verify                                all journals of the state directory var
      hall verify var/journal/kaiyang-A.db trace.jsonl
      hall verify --var /var/lib/onewindow --json

    More options are those of the audit room: python -m audit verify --help
    """
    doors.become(("audit", "verify", *ctx.args))


@app.command(short_help="What a day, or a span of days, came to.", context_settings=PASSED_ON)
def report(ctx: typer.Context) -> None:
    """Tickets, waits, service, no-shows, ratings per hall, queue, window, staff and hour: text, CSV or a page.

    \b
    Examples:
      hall report                                the last day of the journals in var
      hall report --from 2026-11-02 --to 2026-11-06 --html > week.html
      hall report --day 2026-11-23 --hall A --csv > day.csv

    More options are those of the audit room: python -m audit report --help
    """
    doors.become(("audit", "report", *ctx.args))


def _become(argv: tuple[str, ...], plan: Path | None, var: Path, clock: str, log_level: str) -> NoReturn:
    doors.become((*argv, *doors.common(plan, var, clock, log_level).argv()))


def main() -> NoReturn:
    """What `hall` runs: our faults are told in a line, not in a trace."""
    try:
        app()
    except BadPlan as bad:
        warn(str(bad))
        errors = sum(problem.weight == "error" for problem in bad.problems)
        warn(f"hall: {errors} problem{'s' if errors != 1 else ''}; the plan cannot be used")
        sys.exit(1)
    except HallFault as fault:
        warn(f"hall: {fault}")
        sys.exit(1)
    except BrokenPipeError:  # hall check | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(0)
