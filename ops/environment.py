"""Makes Accord's own Python environment from a lock file, and runs something in it.

Takes `environment.py LOCK ARGUMENTS…`, where LOCK is `run`, `demo` or `test`; becomes that environment's
Python with these arguments. When it is there and whole, nothing is installed or fetched. It needs no package
but the standard library of Python 3.11.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".environments"

# Between two signs of life when the output goes to a file; on a terminal the line is rewritten each time.
QUIET_S = 10.0
TICK_S = 0.25

# These point Python or pip to another place than the environment that is being made.
MISLEADING = (
    "PYTHONHOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_USER",
    "PIP_REQUIRE_VIRTUALENV",
)


class CannotPrepareError(Exception):
    """The environment could not be made; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Environment:
    """One virtual environment: the lock it is made from and the folder that it is in."""

    lock: Path
    folder: Path

    @property
    def python(self) -> Path:
        """The environment's Python."""
        return self.folder / "bin" / "python"

    @property
    def log(self) -> Path:
        """What the installer said; beside the folder, because a failed folder is taken away."""
        return self.folder.with_suffix(".log")

    def is_whole(self) -> bool:
        """Tell whether it was finished, in this place, and its Python is still there."""
        # Scripts in it hold its full path, so a checkout that was moved or copied needs a new one.
        return _read(self.folder / "whole") == str(self.folder) and os.access(self.python, os.X_OK)

    def mark_whole(self) -> None:
        """Say that every step was done; an interrupted one has no such mark."""
        (self.folder / "whole").write_text(str(self.folder), encoding="utf-8")


def main(arguments: Sequence[str]) -> NoReturn:
    """Make the environment that is asked for, unless it is there, and become its Python."""
    name, *rest = arguments
    environment = find(name)
    try:
        if not environment.is_whole():
            make(environment)
    except CannotPrepareError as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        print("\nStopped. The next start begins anew.", file=sys.stderr)
        sys.exit(130)
    _become(environment, rest)


def find(name: str) -> Environment:
    """Name the folder after what goes into it, so that a changed lock or Python makes another one."""
    lock = ROOT / "ops" / "locks" / f"{name}.txt"
    said = hashlib.sha256(lock.read_bytes())
    # Of the rest of pyproject.toml, only these decide what is installed: commands, requirements, packages.
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    parts = (settings["project"], settings["build-system"], settings["tool"]["hatch"])
    said.update(json.dumps(parts, sort_keys=True).encode())
    # The interpreter decides which of the locked files are right.
    said.update(f"{sys.version_info[:2]} {sys.platform} {os.uname().machine} {sys.base_prefix}".encode())
    return Environment(lock, ENVIRONMENTS / f"{name}-{said.hexdigest()[:12]}")


def make(environment: Environment) -> None:
    """Make the environment from nothing."""
    with _alone():
        if environment.is_whole():  # someone else made it while we waited
            return
        started = time.monotonic()
        print(
            f"Preparing {environment.folder.relative_to(ROOT)} (once; it stays until the lock changes)",
            flush=True,
        )
        shutil.rmtree(environment.folder, ignore_errors=True)
        environment.log.unlink(missing_ok=True)
        _make_empty(environment)
        installer = _find_installer(environment)
        _install_locked(environment, installer)
        _install_project(environment, installer)
        environment.mark_whole()
        _remove_others(environment)
        print(f"Ready after {time.monotonic() - started:.0f} s\n", flush=True)


# --- steps ------------------------------------------------------------------------------------------


def _make_empty(environment: Environment) -> None:
    # Without pip, because Debian ships venv's pip in a package of its own that may be missing.
    venv.EnvBuilder(symlinks=True, with_pip=False).create(environment.folder)


def _find_installer(environment: Environment) -> list[str]:
    """Give a pip for the environment: from the standard library, else that of the Python we run on."""
    own = [str(environment.python), "-m", "pip"]
    if _is_there("ensurepip"):
        unpack = [str(environment.python), "-m", "ensurepip", "--default-pip"]
        if _watch("Unpacking pip", unpack, environment) == 0:
            return own
    if _is_there("pip"):
        return [sys.executable, "-m", "pip", "--python", str(environment.python)]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    raise CannotPrepareError(
        f"Python {version} at {sys.executable} has neither pip nor ensurepip, so nothing can be installed.\n"
        f"  Debian, Ubuntu:  apt-get install python{version}-venv\n"
        f"  Fedora, RHEL:    dnf install python3-pip\n"
        f"Then start again."
    )


def _install_locked(environment: Environment, installer: Sequence[str]) -> None:
    count = sum(1 for line in environment.lock.read_text(encoding="utf-8").splitlines() if "==" in line)
    title = f"Installing {count} packages, each with its hash"
    _install(environment, title, [*installer, "install", "--require-hashes", "-r", str(environment.lock)])


def _install_project(environment: Environment, installer: Sequence[str]) -> None:
    # What builds it has just been installed from the lock, so nothing needs to be fetched for it.
    known = ("--no-index", "--no-deps", "--no-build-isolation")
    _install(
        environment, "Installing Accord itself", [*installer, "install", *known, "--editable", str(ROOT)]
    )


def _install(environment: Environment, title: str, command: Sequence[str]) -> None:
    if _watch(title, command, environment) != 0:
        raise CannotPrepareError(_explain(environment, title))


def _remove_others(environment: Environment) -> None:
    """Take away what older locks left, of the same kind."""
    for path in ENVIRONMENTS.glob(f"{environment.lock.stem}-*"):
        if path.is_dir() and path != environment.folder:
            shutil.rmtree(path, ignore_errors=True)
        elif path.suffix == ".log" and path != environment.log:
            path.unlink(missing_ok=True)


# --- around them ------------------------------------------------------------------------------------


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time make environments here; the others wait."""
    ENVIRONMENTS.mkdir(exist_ok=True)
    with (ENVIRONMENTS / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another start to finish preparing", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        # The installer holds the lock with us: should we be killed, the next start waits until it has ended.
        os.set_inheritable(lock.fileno(), True)
        yield


def _become(environment: Environment, arguments: Sequence[str]) -> NoReturn:
    """Replace this process by the environment's Python, so that signals and its exit status go through."""
    sys.stdout.flush()
    os.execve(environment.python, [str(environment.python), *arguments], _settings(environment))


def _settings(environment: Environment) -> Mapping[str, str]:
    """Give the variables for the environment's programs: ours first on PATH, none that lead elsewhere."""
    settings = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    settings["VIRTUAL_ENV"] = str(environment.folder)
    settings["PATH"] = f"{environment.folder / 'bin'}{os.pathsep}{settings.get('PATH', os.defpath)}"
    settings |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    return settings


def _watch(title: str, command: Sequence[str], environment: Environment) -> int:
    """Run a command with its output in the log, and show that it goes on; gives its exit status."""
    started = last = time.monotonic()
    terminal = sys.stdout.isatty()
    print(f"  {title}", end="" if terminal else " …\n", flush=True)
    with environment.log.open("ab") as log:
        settings = _settings(environment)
        running = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=settings, cwd=ROOT, close_fds=False
        )
    with running:
        while running.poll() is None:
            time.sleep(TICK_S)
            now = time.monotonic()
            if terminal:
                print(f"\r  {title} … {now - started:.0f} s", end="", flush=True)
            elif now - last >= QUIET_S:
                print(f"    … {now - started:.0f} s", flush=True)
                last = now
    status = running.returncode
    end = f"{'done' if status == 0 else 'failed'} after {time.monotonic() - started:.0f} s"
    print(f"\r  {title} … {end}" if terminal else f"    … {end}", flush=True)
    return status


def _explain(environment: Environment, title: str) -> str:
    lines = _read(environment.log).splitlines()
    last = "\n".join(f"    {line}" for line in lines[-12:])
    return f"""{title}: failed. The installer's last words:
{last}

All of them are in {environment.log}.
If they speak of the network: the first start needs a package index that pip can reach; pip's usual settings
count, PIP_INDEX_URL among them. Start again when it can. What was fetched is not fetched again."""


def _is_there(module: str) -> bool:
    """Tell whether a module can be run; an empty folder of its name, which some removals leave, cannot."""
    spec = importlib.util.find_spec(module)
    return spec is not None and spec.origin is not None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


if __name__ == "__main__":
    main(sys.argv[1:])
