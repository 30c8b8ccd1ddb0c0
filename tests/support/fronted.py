"""The generated nginx before a hall's doors: its own files, on this machine's paths, with a certificate for localhost.

    with a_front(plan, folder) as ca_file: ...

The ports are those of the plan's own https addresses, so a test chooses them before it makes the plan.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brokers import until_listening
from certificates import make_authority, make_certificate

from cli.firmware import fronts
from hall.plan.model import Plan

INSTALLED = "/etc/nginx/onewindow"  # where install.md puts what nginx reads
AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr notice;
{user}
events {{ }}
http {{
    client_body_temp_path {folder}/temp;
    proxy_temp_path {folder}/temp;
    fastcgi_temp_path {folder}/temp;
    uwsgi_temp_path {folder}/temp;
    scgi_temp_path {folder}/temp;
    include {folder}/onewindow.conf;
}}
"""


def installed(plan: Plan, folder: Path) -> list[str]:
    """Lay everything out; the command that runs nginx on it."""
    folder.mkdir(parents=True)
    make_authority(folder)
    make_certificate(folder)
    for kind in ("staff", "public"):
        for ending in ("crt", "key"):
            shutil.copy(folder / f"server.{ending}", folder / f"{kind}.{ending}")
    for name, text in fronts.files(plan).items():
        (folder / Path(name).name).write_text(text.replace(INSTALLED, str(folder)), encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""  # else its workers could not read the test's folder
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    assert Path(program).exists(), "nginx is not installed: make proof says how to get it"
    return [program, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]


@contextmanager
def a_front(plan: Plan, folder: Path) -> Iterator[str]:
    """nginx while the block lasts; the path of the authority its certificates are from."""
    command = installed(plan, folder)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        for front in (*fronts.staff(plan), fronts.public(plan)):
            until_listening(front.port, process)
        yield str(folder / "ca.crt")
    finally:
        process.terminate()
        process.wait(10)
