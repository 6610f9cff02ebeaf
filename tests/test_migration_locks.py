"""What the linter of PostgreSQL migrations says about the locks that ours take."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_no_migration_takes_a_lock_that_stalls_the_site(tmp_path: Path) -> None:
    sql = tmp_path / "upgrade.sql"
    alembic = [sys.executable, "-m", "alembic", "upgrade", "head", "--sql"]
    sql.write_bytes(subprocess.run(alembic, cwd=ROOT, check=True, capture_output=True).stdout)
    assert "CREATE TABLE" in sql.read_text()
    squawk = shutil.which("squawk", path=str(Path(sys.executable).parent))
    assert squawk, "squawk is part of requirements/test.txt"
    checked = subprocess.run([squawk, str(sql)], cwd=ROOT, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
