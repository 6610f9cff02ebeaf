"""Everything Evenhand needs on one machine, in one command: servers, web, worker, scheduler."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from app.embedded.children import Child, Children, Command, StopRequested, children_of
from app.embedded.postgres import start_postgres
from app.embedded.private_files import kept_secret, write_environment
from app.embedded.probes import require_postgres, require_redis, web_answers, worker_answers
from app.embedded.processes import StartError, is_port_free
from app.embedded.programs import Programs
from app.embedded.supervisor import watch
from app.embedded.valkey import start_valkey
from app.settings import ENVIRONMENT_FILE

DEFAULT_PORT = 8000
START_SECONDS = 120
SIGN_INS_FILE = "sign-ins.txt"
OWNER_URL = "EVENHAND_OWNER_DATABASE_URL"


@dataclass(frozen=True)
class Stack:
    children: Children
    programs: Programs
    host: str
    port: int
    environment: dict[str, str]
    spawns: dict[str, Callable[[], Child]] = field(default_factory=dict)
    """How to start again each process that must keep running."""

    @property
    def home(self) -> Path:
        return self.children.home

    @property
    def reachable_host(self) -> str:
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked about, not bound to
        return everywhere.get(self.host, self.host)

    def command(self, name: str, arguments: tuple[str, ...], *, patience_seconds: float = 10) -> Command:
        log = self.home / "logs" / f"{name.replace(' ', '-')}.log"
        return Command(
            name,
            (sys.executable, "-m", *arguments),
            env=self.environment | {"PYTHONUNBUFFERED": "1"},
            log=log,
            patience_seconds=patience_seconds,
        )


def run_stack(
    home: Path,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    web_processes: int = 1,
    programs: Programs | None = None,
) -> int:
    """Run until somebody asks to stop; return the exit code.

    `port`: None takes 8000 or, where that is taken, the next free one.
    DATABASE_URL and REDIS_URL, where set, name the servers to use in place of embedded ones. What owns the
    database, EVENHAND_OWNER_DATABASE_URL, is told to the migration alone.
    """
    programs = programs or Programs()
    try:
        with children_of(home.absolute()) as children:
            _listen_for_stop(children)
            stack = Stack(children, programs, host, _choose_port(host, port), dict(os.environ))
            try:
                _start(stack, web_processes)
                watch(children, stack.spawns, _say)
            except StopRequested:
                _say("Stopping ...")
            finally:
                (stack.home / ENVIRONMENT_FILE).unlink(missing_ok=True)
    except StartError as failure:
        _say(f"\nEvenhand did not start: {failure}")
        return 1
    return 0


def _start(stack: Stack, web_processes: int) -> None:
    stack.environment["EVENHAND_HOME"] = str(stack.home)
    stack.environment.setdefault("EVENHAND_SECRET_KEY", kept_secret(stack.home / "secret_key"))
    owner = _start_servers(stack)
    names = ("DATABASE_URL", "REDIS_URL", "EVENHAND_SECRET_KEY", "EVENHAND_HOME")
    write_environment(stack.home / ENVIRONMENT_FILE, {name: stack.environment[name] for name in names})
    _say("Preparing the database ...")
    migration = stack.command("migration", stack.programs.migrate)
    stack.children.run(replace(migration, env={**migration.env, **owner}))
    stack.children.run(stack.command("demo", stack.programs.seed))
    _start_programs(stack, web_processes)
    _say(_welcome(stack))


def _start_servers(stack: Stack) -> dict[str, str]:
    """What the migration is told beside the environment of all."""
    _say("Starting the databases ...")
    owner_url = stack.environment.pop(OWNER_URL, "")
    if database_url := stack.environment.get("DATABASE_URL"):
        require_postgres(database_url)
    else:
        postgres = start_postgres(stack.children)
        stack.environment["DATABASE_URL"], owner_url = postgres.web_url, postgres.owner_url
        stack.spawns["PostgreSQL"] = postgres.spawn
    if redis_url := stack.environment.get("REDIS_URL"):
        require_redis(redis_url)
    else:
        valkey = start_valkey(stack.children)
        stack.environment["REDIS_URL"] = valkey.url
        stack.spawns["Valkey"] = valkey.spawn
    return {OWNER_URL: owner_url} if owner_url else {}


def _start_programs(stack: Stack, web_processes: int) -> None:
    _say("Starting the web server, the worker and the scheduler ...")
    programs, port = stack.programs, str(stack.port)
    web = (*programs.web, "--host", stack.host, "--port", port, "--workers", str(web_processes))
    beat = (*programs.beat, "--schedule", str(stack.home / "beat-schedule"))
    is_web_ready = partial(web_answers, stack.reachable_host, stack.port)
    is_worker_ready = partial(worker_answers, stack.environment["REDIS_URL"])
    # A job in progress gets some time to end by itself.
    worker = stack.command("worker", programs.worker, patience_seconds=20)
    started: list[tuple[Child, Callable[[], bool]]] = [
        (_keep_running(stack, stack.command("web", web)), is_web_ready),
        (_keep_running(stack, worker), is_worker_ready),
        (_keep_running(stack, stack.command("beat", beat)), lambda: True),
    ]
    for child, is_ready in started:
        stack.children.wait_until_ready(child, is_ready, START_SECONDS)


def _keep_running(stack: Stack, command: Command) -> Child:
    stack.spawns[command.name] = partial(stack.children.spawn, command)
    return stack.children.spawn(command)


def _choose_port(host: str, port: int | None) -> int:
    """Raises StartError when the port asked for is taken."""
    if port is None:
        for free in range(DEFAULT_PORT, DEFAULT_PORT + 100):
            if is_port_free(host, free):
                return free
    elif is_port_free(host, port):
        return port
    raise StartError(f"port {port or DEFAULT_PORT} of {host} is taken. Choose another with EVENHAND_PORT.")


def _listen_for_stop(children: Children) -> None:
    def request_stop(_signal: int, _frame: object) -> None:
        children.stop_requested = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, request_stop)
    # Somebody who started us with `nohup` wants us to outlive the terminal.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, request_stop)


def _welcome(stack: Stack) -> str:
    host = f"[{stack.reachable_host}]" if ":" in stack.reachable_host else stack.reachable_host
    sign_ins = stack.home / SIGN_INS_FILE
    return "\n".join(
        [
            "",
            f"Evenhand is running: http://{host}:{stack.port}",
            *(["", sign_ins.read_text(encoding="utf-8").strip()] if sign_ins.exists() else []),
            "",
            f"Data and logs: {stack.home}. Ctrl-C stops everything and keeps the data.",
        ]
    )


def _say(text: str) -> None:
    # The terminal may have been closed; that must not keep us from stopping in order.
    with suppress(OSError):
        print(text, flush=True)
