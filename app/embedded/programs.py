"""The command lines of the application itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Programs:
    """Each is what follows `python -m`."""

    migrate: tuple[str, ...] = ("app.cli", "migrate")
    seed: tuple[str, ...] = ("app.cli", "seed-demo")
    web: tuple[str, ...] = (
        *("uvicorn", "--factory", "app.main:create_app", "--log-level", "warning", "--no-access-log"),
        *("--no-proxy-headers", "--no-server-header", "--timeout-graceful-shutdown", "5"),
        # Longer than people think about an item, so that their answer needs no new connection.
        *("--timeout-keep-alive", "75"),
    )
    worker: tuple[str, ...] = (
        *("celery", "-A", "app.worker", "worker", "--concurrency", "2"),
        *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
    )
    beat: tuple[str, ...] = ("celery", "-A", "app.worker", "beat", "--loglevel", "WARNING")
