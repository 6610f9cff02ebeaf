"""A real PostgreSQL from a pip wheel, on a free port of this machine, with a password of its own."""

import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from app.embedded.account import (
    Account,
    can_reach,
    new_reachable_folder,
    reachable_programs,
    server_account,
)
from app.embedded.binaries import postgres_programs
from app.embedded.children import Child, Children, Command
from app.embedded.private_files import kept_secret
from app.embedded.processes import StartError, command_line, free_port, identity, stop_process

NAME = "PostgreSQL"
ROLE = "evenhand"
DATABASE = "evenhand"
# The folder's name says the major version: another major cannot read its files.
DATA_FOLDER = "pg18"
PASSWORD_FILE = "evenhand-password"  # noqa: S105 - a name
# Owns nothing and may not change the audit log; the migration makes it.
WEB_ROLE = "evenhand_web"
WEB_PASSWORD_FILE = "evenhand-web-password"  # noqa: S105 - a name
START_SECONDS = 60

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # An error's details and its statement may quote the text of an item, which no log may hold.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # It would take the rows of a transaction that has just begun for none, and the planner would believe it.
    "autovacuum": "off",
}


@dataclass(frozen=True)
class Postgres:
    children: Children
    account: Account
    programs: Path
    data: Path
    log: Path
    port: int
    password: str
    web_password: str
    durable: bool

    @property
    def owner_url(self) -> str:
        """For migrations."""
        return self.url_of(ROLE, self.password)

    @property
    def web_url(self) -> str:
        """For everything else, once the migrations have run."""
        return self.url_of(WEB_ROLE, self.web_password)

    def url_of(self, role: str, password: str) -> str:
        return f"postgresql+psycopg://{role}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def spawn(self) -> Child:
        """Start it, again if need be: always at the same port."""
        remove_stale_pid_file(self.data)
        settings = SETTINGS | {"port": str(self.port)} | ({} if self.durable else THROWAWAY_SETTINGS)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return self.children.spawn(
            Command(
                NAME,
                (*self.account.prefix, str(self.programs / "postgres"), "-D", str(self.data), *options),
                env=_plain_environment(),
                cwd=self.data.parent,
                log=self.log,
                uid=self.account.uid,
                # "Fast": ends the sessions and writes a checkpoint, which may take its time.
                stop_signal=signal.SIGINT,
                patience_seconds=60,
            )
        )


def start_postgres(children: Children, *, durable: bool = True) -> Postgres:
    """Start the server of this data folder, made first where there is none, and wait until it answers.

    `durable`: False gives up the data's safety for speed, for servers whose data is thrown away.
    """
    account = server_account()
    programs = reachable_programs(account, postgres_programs())
    log = children.home / "logs" / "postgres.log"
    data = _prepared_data(children, account, programs, log)
    password = (data / PASSWORD_FILE).read_text(encoding="ascii")
    web_password = kept_secret(data / WEB_PASSWORD_FILE)
    account.own(data / WEB_PASSWORD_FILE)
    server = Postgres(children, account, programs, data, log, free_port(), password, web_password, durable)
    _spawn_until_ready(server)
    _create_database(server)
    return server


def _prepared_data(children: Children, account: Account, programs: Path, log: Path) -> Path:
    """The data folder: only ever a complete one, since it is made beside its place and then renamed."""
    place = children.home / DATA_FOLDER
    if place.is_symlink() and not place.exists():
        raise StartError(
            f"the database {place.readlink()} is gone; delete {place} to begin with an empty one."
        )
    if not place.exists():
        folder = children.home if can_reach(account, children.home) else new_reachable_folder()
        _make_data(children, account, programs, log, folder / DATA_FOLDER)
        if folder != children.home:
            place.symlink_to(folder / DATA_FOLDER)
    elif not can_reach(account, place.resolve().parent):
        _move_data(place)
    data = place.resolve()
    if os.geteuid() not in (0, data.stat().st_uid):
        raise StartError(f"{data} belongs to another user. Run as that user, or set EVENHAND_HOME.")
    account.own(data)
    return data


def _move_data(place: Path) -> None:
    """To where the server can reach it, with a link in its old place; complete before the old one goes."""
    moved, old = new_reachable_folder() / DATA_FOLDER, place.with_name(f"{DATA_FOLDER}.old")
    shutil.copytree(place.resolve(), moved, symlinks=True)
    place.rename(old)
    place.symlink_to(moved)
    shutil.rmtree(old)


def _make_data(children: Children, account: Account, programs: Path, log: Path, data: Path) -> None:
    password = secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory(dir=data.parent, prefix="new-") as workplace:
        partial, password_file = Path(workplace) / DATA_FOLDER, Path(workplace) / "password"
        partial.mkdir(mode=0o700)
        password_file.write_text(password, encoding="ascii")
        password_file.chmod(0o600)
        account.own(Path(workplace))
        children.run(
            Command(
                "initdb",
                (
                    *account.prefix, str(programs / "initdb"), "-D", str(partial),
                    f"--username={ROLE}", f"--pwfile={password_file}", "--auth=scram-sha-256",
                    # The same order of texts on every system, and in the container.
                    "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                ),
                env=_plain_environment(),
                cwd=Path(workplace),
                log=log,
                uid=account.uid,
            )
        )  # fmt: skip
        password_file.rename(partial / PASSWORD_FILE)
        partial.rename(data)


def _spawn_until_ready(server: Postgres) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        child = server.spawn()
        try:
            server.children.wait_until_ready(child, lambda: can_connect(_admin_url(server)), START_SECONDS)
        except StartError:
            # The last server was killed and its sessions have not noticed yet.
            if "shared memory block" not in child.said() or time.monotonic() > deadline:
                raise
            server.children.pause(0.2)
        else:
            return


def _create_database(server: Postgres) -> None:
    with psycopg.connect(_admin_url(server), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _admin_url(server: Postgres) -> str:
    return f"postgresql://{ROLE}:{server.password}@127.0.0.1:{server.port}/postgres"


def can_connect(url: str) -> bool:
    """`url`: in libpq's form, without a driver's name."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def remove_stale_pid_file(data: Path) -> None:
    """Remove a dead server's pid file; stop a server that an earlier stack left running.

    PostgreSQL does not start when the file names any living process of the same user, which after a
    reboot may be one that has nothing to do with it.
    """
    file = data / "postmaster.pid"
    with suppress(FileNotFoundError, ValueError, IndexError):
        pid = int(file.read_text(encoding="utf-8").splitlines()[0])
        if _is_server_of(data, pid):
            stop_process(pid, identity(pid), signal.SIGINT, 60)
        file.unlink()


def _is_server_of(data: Path, pid: int) -> bool:
    command = command_line(pid)
    return "postgres" in command and f"-D {data}" in command


def _plain_environment() -> Mapping[str, str]:
    # Nothing of ours: a PGDATA or a PGPORT of the person's would change what is started.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
