"""What the linter of PostgreSQL migrations says about the locks that ours take."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import Script, ScriptDirectory

ROOT = Path(__file__).parents[1]


def migrations() -> list[Script]:
    """Those that run beside a working site; one with `needs_downtime` says so in its own file."""
    every = ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).walk_revisions()
    return [migration for migration in every if not getattr(migration.module, "needs_downtime", False)]


@pytest.mark.parametrize("migration", migrations(), ids=lambda migration: str(migration.revision))
def test_no_migration_takes_a_lock_that_stalls_the_site(migration: Script, tmp_path: Path) -> None:
    sql = tmp_path / "upgrade.sql"
    span = f"{migration.down_revision or 'base'}:{migration.revision}"
    alembic = [sys.executable, "-m", "alembic", "upgrade", span, "--sql"]
    sql.write_bytes(subprocess.run(alembic, cwd=ROOT, check=True, capture_output=True).stdout)
    assert any(kind in sql.read_text() for kind in ("TABLE", "INDEX"))
    squawk = shutil.which("squawk", path=str(Path(sys.executable).parent))
    assert squawk, "squawk is part of requirements/test.txt"
    checked = subprocess.run([squawk, str(sql)], cwd=ROOT, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
