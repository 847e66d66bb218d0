"""What else the machine is doing, how fast it is just now, and what processes have used; read from /proc.

A figure taken while others work is marked as such. Where there is no /proc everything reads as nothing.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from schemas.keys import SigningKey

PROC = Path("/proc")
LOOK_S = 0.3
PATIENCE_S = 4.0
NOISY = 0.25
"""Share of all processors in others' hands above which a sample is called noisy."""
_VERIFICATIONS = 400
_MESSAGE_BYTES = 2048


def processors() -> int:
    """How many processors there are."""
    return os.cpu_count() or 1


def others() -> float:
    """Give the share of the processors that is in use now, before the bench begins its own work."""
    before = _ticks()
    time.sleep(LOOK_S)
    after = _ticks()
    total = after[1] - before[1]
    return (after[0] - before[0]) / total if total else 0.0


def wait_for_quiet() -> float:
    """Wait a little for others to finish; gives the share that is in their hands when it stops waiting."""
    began = time.monotonic()
    share = others()
    while share > NOISY and time.monotonic() - began < PATIENCE_S:
        share = others()
    return share


def verification_us() -> float:
    """Give the µs of one Ed25519 verification of 2 KiB: how fast the machine is just now."""
    key = SigningKey.generate()
    data = bytes(_MESSAGE_BYTES)
    signature = key.sign(data)
    began = time.process_time()
    for _ in range(_VERIFICATIONS):
        key.public.verify(signature, data)
    return (time.process_time() - began) / _VERIFICATIONS * 1e6


@dataclass(frozen=True, slots=True)
class Used:
    """What a process and all below it have used."""

    cpu_s: float
    resident_mb: float


def used_by(pid: int) -> Used:
    """Add up the processor time of a tree of processes, and give the memory of its largest."""
    cpu, resident = 0.0, 0.0
    for each in _tree(pid):
        cpu += _cpu_of(each)
        resident = max(resident, _resident_of(each))
    return Used(cpu, resident)


def _ticks() -> tuple[int, int]:
    """Give the ticks that processors were busy, and all ticks."""
    try:
        words = (PROC / "stat").read_text().splitlines()[0].split()[1:]
    except OSError:
        return 0, 0
    counts = [int(word) for word in words[:8]]
    return sum(counts) - counts[3] - counts[4], sum(counts)  # 3 is idle, 4 waits for a disk


def _tree(pid: int) -> list[int]:
    found = [pid]
    try:
        threads = list((PROC / str(pid) / "task").iterdir())
    except OSError:
        return found
    for thread in threads:
        for child in _read(thread / "children").split():
            found += _tree(int(child))
    return found


def _cpu_of(pid: int) -> float:
    fields = _read(PROC / str(pid) / "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _resident_of(pid: int) -> float:
    for line in _read(PROC / str(pid) / "status").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # it ended meanwhile
