"""Accord beside other software that does the same work: a signed record handed over, verified, stored,
receipted.

Each peer gets an environment of its own from the package index, is started as its documentation says and
driven by the same client on the same machine in the same run. A peer that cannot be had is named, and left
out. Run by `ops/bench/peers`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from ops.bench import admission, client, machine, place, report

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ROOT / ".environments"
CLIENTS = (1, 8)
READY_S = 30
INSTALL_S = 600
_OURS: Final = {
    admission.ADMISSION: "a message a request",
    admission.BATCHES: "in batches of 64, as connectors send",
}
"""How messages are handed over. The peers' protocols know one a request only."""
_MESSAGES: Final = {1: (300, 640), 8: (900, 2560)}
"""Clients → messages of a sample, one a request and in batches."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Other software, and how much faster Accord is to be."""

    name: str
    what: str
    packages: tuple[str, ...]
    marker: str
    """What a positive receipt holds and a negative one does not."""
    least: float
    messages: int
    """Of one sample with several clients; a lone client sends a third."""

    @property
    def folder(self) -> Path:
        """Its environment."""
        return ENVIRONMENTS / f"peer-{self.name}"

    @property
    def python(self) -> Path:
        """Its environment's Python."""
        return self.folder / "bin" / "python"

    def count(self, clients: int) -> int:
        """Messages of one sample."""
        return self.messages if clients > 1 else self.messages // 3


PEERS = (
    Peer(
        "as2",
        "AS2, django-pyas2 (signed, signed MDN)",
        ("django-pyas2==1.2.3", "pyas2lib==1.4.3", "oscrypto==1.3.0", "gunicorn==27.0.1"),
        "automatic-action/MDN-sent-automatically; processed\r\n",
        25.0,
        120,
    ),
    Peer(
        "as4",
        "AS4, as4 (Peppol: signed, encrypted, signed receipt)",
        ("as4==0.2.0", "gunicorn==27.0.1"),
        "NonRepudiationInformation",
        4.0,
        600,
    ),
)


class CannotHaveError(Exception):
    """A peer cannot be measured here; the message says why in one line."""


def install(peer: Peer, tell: report.Tell) -> None:
    """Make the peer's environment unless it is there."""
    if (peer.folder / "whole").exists():
        return
    tell(f"{peer.name}: installing (once)")
    shutil.rmtree(peer.folder, ignore_errors=True)
    try:
        venv.EnvBuilder(symlinks=True, with_pip=True).create(peer.folder)
        _run(peer, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.packages)
        if peer.name == "as2":
            _run(peer, str(ROOT / "ops" / "bench" / "peer" / "as2.py"), "patch")
    except (subprocess.SubprocessError, OSError) as error:
        raise CannotHaveError(
            f"{peer.what}: not measured, it cannot be installed ({_last_words(error)})"
        ) from error
    (peer.folder / "whole").touch()


def _run(peer: Peer, *arguments: str) -> None:
    subprocess.run(
        [str(peer.python), *arguments],
        check=True,
        cwd=ROOT,
        timeout=INSTALL_S,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _last_words(error: Exception) -> str:
    said = str(getattr(error, "stderr", None) or error).strip().splitlines()
    return said[-1][:100] if said else type(error).__name__


@contextmanager
def serving(peer: Peer, folder: Path, count: int) -> Iterator[tuple[int, Iterator[bytes]]]:
    """Prepare and serve a peer; gives its port and ready requests, each different."""
    try:
        _run(
            peer, str(ROOT / "ops" / "bench" / "peer" / f"{peer.name}.py"), "prepare", str(folder), str(count)
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise CannotHaveError(
            f"{peer.what}: not measured, it cannot be prepared ({_last_words(error)})"
        ) from error
    port = place.free_port()
    server = [
        "-m",
        "gunicorn",
        "-w",
        "2",
        "--threads",
        "8",
        "-k",
        "gthread",
        "--keep-alive",
        "30",
        "--no-control-socket",
    ]
    application = f"ops.bench.peer.{peer.name}:application()"
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [str(peer.python), *server, "-b", f"127.0.0.1:{port}", application],
            cwd=ROOT,
            env={**os.environ, "PEER_FOLDER": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait_for(port, process, peer)
        yield port, iter(client.read_requests(folder / "requests.ready"))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], peer: Peer) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(1)  # the port is open before the workers have loaded
            return
    raise CannotHaveError(f"{peer.what}: not measured, it does not start")


def measure(peer: Peer, at: admission.Site, rounds: int, tell: report.Tell) -> list[report.Row]:
    """Drive the peer and Accord in turn."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="accord-peer-")))
        total = 20 + rounds * sum(map(peer.count, CLIENTS))
        tell(f"{peer.name}: preparing {total} messages")
        port, ready = stack.enter_context(serving(peer, folder, total))
        _drive(peer, port, [next(ready) for _ in range(20)], 2, folder)  # warms it up
        rows = []
        for clients in CLIENTS:
            theirs: list[float] = []
            ours: dict[str, list[float]] = {kind: [] for kind in _OURS}
            others: list[float] = []
            for number in range(rounds):
                tell(f"{peer.name}: {clients} clients, round {number + 1} of {rounds}")
                others.append(machine.wait_for_quiet())
                batch = [next(ready) for _ in range(peer.count(clients))]
                theirs.append(_drive(peer, port, batch, clients, folder))
                for (kind, found), count in zip(ours.items(), _MESSAGES[clients], strict=True):
                    raws = list(at.world.releases(count))
                    found.append(at.sample(kind, clients, raws).rate)
            rates = {kind: median(found) for kind, found in ours.items()}
            rows += _rows(peer, clients, median(theirs), rates, noisy=median(others) > machine.NOISY)
        return rows


def _drive(peer: Peer, port: int, requests: Sequence[bytes], clients: int, folder: Path) -> float:
    try:
        figures = client.drive_apart(port, requests, clients=clients, folder=folder, marker=peer.marker)
        figures.check_all_admitted(len(requests))
    except (client.NotAllAdmittedError, subprocess.SubprocessError) as error:
        raise CannotHaveError(
            f"{peer.what}: not measured, it did not take every message ({error})"
        ) from error
    return figures.throughput


def _rows(
    peer: Peer, clients: int, theirs: float, ours: Mapping[str, float], *, noisy: bool
) -> list[report.Row]:
    rows = [report.Row(what=peer.what, clients=clients, rate=theirs)]
    rows += [
        report.Row(
            what=f"Accord, {_OURS[kind]}, beside {peer.name.upper()}",
            clients=clients,
            rate=rate,
            ratio=rate / theirs,
            ratio_to=peer.name.upper(),
            wanted=f"≥ {peer.least:.0f} × {peer.name.upper()}",
            reached=rate / theirs >= peer.least,
            noisy=noisy,
        )
        for kind, rate in ours.items()
    ]
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; a peer that cannot be had is no failure."""
    parser = argparse.ArgumentParser(prog="ops/bench/peers", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=admission.DATABASES, default="sqlite", help="Accord's database")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args(arguments)
    rows: list[report.Row] = []
    notes = [
        "A record of about 2 kB. AS2, AS4: verify, store, receipt. Accord also decides on consent, logs,",
        "and delivers. AS4 also encrypts and compresses; AS2 and AS4 use RSA-2048 with S/MIME and XML.",
        "Peers: gunicorn, 2 processes of 8 threads, SQLite. Accord: as in production.",
    ]
    with report.telling() as tell, admission.site(options.database) as at:
        for peer in PEERS:
            try:
                install(peer, tell)
                rows += measure(peer, at, options.rounds, tell)
            except CannotHaveError as error:
                notes.append(str(error))
    report.show("Peers on the same work", rows, notes)
    if options.json:
        report.write(options.json, "peers", rows, notes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
