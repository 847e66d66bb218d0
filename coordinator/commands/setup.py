"""`init`, `migrate`, `config show`, `doctor`: make a coordinator's folder, keep it up to date, check it."""

from __future__ import annotations

import os
import secrets
import stat
from importlib.resources import files
from pathlib import Path
from string import Template

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from coordinator.commands.context import Context, Wrong, as_json, opened, show_facts, show_json, show_rows
from coordinator.config import FILE_NAME, Config, ConfigError, load
from coordinator.database import version
from schemas.errors import Refusal
from schemas.keys import SigningKey

_KEYS = ("coordinator.pem", "log.pem")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", default="Accord coordinator", show_default=True, help="What people call it.")
@click.option("--bind", default="127.0.0.1:8080", show_default=True, help="HOST:PORT to listen on.")
@click.option("--public-url", help="The address that clients use  [default: http://BIND]")
@click.option("--origin", help="The log's name, for ever  [default: made up]")
@click.option(
    "--database-url",
    default="sqlite:///coordinator.sqlite3",
    show_default=True,
    help="SQLite file or PostgreSQL address.",
)
def init(
    folder: Path, *, name: str, bind: str, public_url: str | None, origin: str | None, database_url: str
) -> None:
    """Make a coordinator in FOLDER: settings, keys, and a database with empty tables.

    Nothing that exists is overwritten. The two keys are the coordinator's identity: back them up, and show
    nobody the files.
    """
    file = folder / FILE_NAME
    if file.exists():
        raise Wrong(f"{file} exists already. Use it, or name another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        "name": name,
        "bind": bind,
        "public_url": public_url or f"http://{bind}",
        "origin": origin or f"accord.invalid/{secrets.token_hex(8)}",
        "database_url": database_url,
    }
    _write_settings(file, values)
    try:
        config = load(file, os.environ)
    except ConfigError as error:
        file.unlink()
        raise Wrong(str(error)) from error
    found(config)
    _say_next_steps(file)


def found(config: Config) -> None:
    """Make what is missing: the keys (readable by their owner alone) and the tables."""
    config.keys_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in _KEYS:
        _make_key(config.keys_dir / name)
    engine = opened(config)
    try:
        _upgrade(engine)
    finally:
        engine.dispose()


def _upgrade(engine: Engine) -> None:
    from coordinator.database.migrate import upgrade  # noqa: PLC0415 - every other command starts without it

    upgrade(engine)


def _make_key(file: Path) -> None:
    """Write a new private key where there is none; the mode is right before the first byte."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "wb") as opened_file:
        opened_file.write(SigningKey.generate().to_pem())
        os.fsync(descriptor)


def _write_settings(file: Path, values: dict[str, str]) -> None:
    template = Template(files("coordinator.commands").joinpath("coordinator.toml.txt").read_text("utf-8"))
    quoted = {
        key: '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for key, value in values.items()
    }
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened_file:
        opened_file.write(template.substitute(quoted))


def _say_next_steps(file: Path) -> None:
    click.echo(
        f"Made a coordinator in {file.parent}.\n\n"
        f"Next:\n"
        f"  1. Read {file}; set public_url and origin before the first member enrols.\n"
        f"  2. Back up the folder {file.parent / 'keys'} (it is the coordinator's identity).\n"
        f"  3. accord coordinator -c {file} run\n"
        f"  4. accord coordinator -c {file} invite MEMBER --kind public\n"
    )


@click.command()
@click.pass_obj
def migrate(context: Context) -> None:
    """Bring the database to the version that this program needs. Run it before the new version serves."""
    engine = opened(context.config())
    try:
        before = version.version_of(engine)
        _upgrade(engine)
        after = version.version_of(engine)
    except SQLAlchemyError as error:
        raise Wrong(f"The database was left at its version ({type(error).__name__}).", 1) from error
    finally:
        engine.dispose()
    click.echo(f"The database is at version {after}." if before == after else f"From {before} to {after}.")


@click.group()
def config() -> None:
    """Look at the settings."""


@config.command("show")
@as_json
@click.pass_obj
def config_show(context: Context, *, as_json: bool) -> None:
    """Print the settings as they apply, from the file and the environment, without secrets."""
    shown = context.config().shown()
    if as_json:
        show_json(shown)
        return
    sections = {
        f"{name}.{key}": below
        for name, value in shown.items()
        if isinstance(value, dict)
        for key, below in value.items()
    }
    show_facts(
        {**{name: value for name, value in shown.items() if not isinstance(value, dict)}, **sections},
        as_json=False,
    )


@click.command()
@as_json
@click.pass_obj
def doctor(context: Context, *, as_json: bool) -> None:
    """Look everything over: settings, keys, database, log. Exit code 1 when something is wrong."""
    config = context.config()
    findings = [
        *_look_at_file(context.file),
        *_look_at_keys(config),
        *_look_at_address(config),
        *look_at_database(config),
    ]
    if as_json:
        show_json({"ok": all(each["ok"] for each in findings), "findings": findings})
    else:
        rows = [{**each, "ok": "ok" if each["ok"] else "WRONG"} for each in findings]
        show_rows(rows, columns=["what", "ok", "remedy"], as_json=False)
    if not all(each["ok"] for each in findings):
        raise click.exceptions.Exit(1)


def _finding(what: str, *, ok: bool, remedy: str) -> dict[str, object]:
    return {"what": what, "ok": ok, "remedy": None if ok else remedy}


def _look_at_file(file: Path) -> list[dict[str, object]]:
    return [_finding("settings are complete", ok=True, remedy=""), _private("settings file", file, 0o600)]


def _look_at_keys(config: Config) -> list[dict[str, object]]:
    found = [_private("keys folder", config.keys_dir, 0o700)]
    for name in _KEYS:
        file = config.keys_dir / name
        found.append(_private(f"key {name}", file, 0o600))
        try:
            SigningKey.from_pem(file.read_bytes())
        except (OSError, Refusal):
            found.append(_finding(f"key {name} can be read", ok=False, remedy="Restore it from your backup."))
    return found


def _private(what: str, path: Path, mode: int) -> dict[str, object]:
    try:
        found = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return _finding(f"{what} is there", ok=False, remedy=f"There is no {path}.")
    open_to_others = bool(found & 0o077)
    return _finding(f"{what} is private", ok=not open_to_others, remedy=f"chmod {mode:o} {path}")


def _look_at_address(config: Config) -> list[dict[str, object]]:
    secure = config.public_url.startswith("https://") or "//127.0.0.1" in config.public_url
    remedy = "Put a reverse proxy with TLS in front and set public_url to its https:// address."
    named = not config.origin.startswith("accord.invalid/")
    return [
        _finding("clients reach it by https", ok=secure, remedy=remedy),
        _finding(
            "the log has a name of yours", ok=named, remedy="Set origin before the first member enrols."
        ),
    ]


def look_at_database(config: Config) -> list[dict[str, object]]:
    """Say whether the database can be used and is at its newest version."""
    engine = opened(config)
    try:
        version.check_version(engine)
        return [_finding("the database is at its newest version", ok=True, remedy="")]
    except version.NotMigrated:
        remedy = "Run: accord coordinator migrate"
        return [_finding("the database is at its newest version", ok=False, remedy=remedy)]
    except SQLAlchemyError as error:
        remedy = f"Check database_url and that the database runs ({type(error).__name__})."
        return [_finding("the database can be reached", ok=False, remedy=remedy)]
    finally:
        engine.dispose()
