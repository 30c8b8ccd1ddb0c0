"""A certificate authority for a test: made anew by openssl each time, worth nothing outside it."""

from __future__ import annotations

import subprocess
from pathlib import Path

DAYS = "2"  # a test takes minutes


def make_authority(folder: Path, name: str = "test authority") -> Path:
    """`folder`/ca.crt and ca.key; the certificate's path."""
    folder.mkdir(parents=True, exist_ok=True)
    _openssl(
        folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", DAYS,
        "-subj", f"/CN={name}", "-keyout", "ca.key", "-out", "ca.crt",
    )  # fmt: skip
    return folder / "ca.crt"


def make_certificate(folder: Path, names: str = "DNS:localhost,IP:127.0.0.1") -> None:
    """`folder`/server.crt and server.key for these names, signed by the folder's authority."""
    _openssl(
        folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=broker",
        "-keyout", "server.key", "-out", "server.csr",
    )  # fmt: skip
    (folder / "names").write_text(f"subjectAltName={names}\n")
    _openssl(
        folder, "x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", DAYS, "-extfile", "names", "-out", "server.crt",
    )  # fmt: skip
    for key in folder.glob("*.key"):
        key.chmod(0o600)


def _openssl(folder: Path, *words: str) -> None:
    done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
