"""A dataset repository of a hub as a target."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.deliveries.errors import NotDelivered
from app.deliveries.stores.contents import Place, contents_of
from app.deliveries.stores.hub import bring_to_hub
from tests.deliveries.finished import FILES, write_files
from tests.deliveries.hub_server import REPOSITORY, TOKEN, Hub, open_hub

# The library's own way to hand a file to its HTTP client.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def hub() -> Iterator[Hub]:
    with open_hub() as opened:
        yield opened


@pytest.fixture
def place(hub: Hub) -> Place:
    return Place(f"hf://datasets/{REPOSITORY}", hub.address, secret=TOKEN)


def test_a_release_is_one_commit_to_a_private_repository_and_none_the_second_time(
    tmp_path: Path, hub: Hub, place: Place
) -> None:
    files = write_files(tmp_path / "7")
    bring_to_hub(place, 7, files)
    assert hub.repositories[REPOSITORY]["visibility"] == "private"
    assert hub.files == {f"7/{name}": content for name, content in FILES.items()}
    assert (hub.commits, hub.n_uploads) == (["Release 7"], 2)
    bring_to_hub(place, 7, files)
    assert (hub.commits, hub.n_uploads) == (["Release 7"], 2)
    (tmp_path / "7" / "PKU-SafeRLHF" / "README.md").write_bytes(b"# Tea and more\n")
    bring_to_hub(place, 8, contents_of(tmp_path / "7"))
    assert (hub.commits, hub.n_uploads) == (["Release 7", "Release 8"], 2), "large files were sent again"


def test_a_file_that_arrives_shortened_is_noticed(tmp_path: Path, hub: Hub, place: Place) -> None:
    hub.loses_uploads = True
    with pytest.raises(NotDelivered, match="bytes arrived"):
        bring_to_hub(place, 7, write_files(tmp_path / "7"))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"secret": "hf_not-the-token"}, "Invalid credentials"),
        ({"address": "hf://datasets/tea-house/other"}, "Repository not found"),
        ({"endpoint": "http://127.0.0.1:9"}, "refused"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, place: Place, wrong: dict[str, str], reason: str) -> None:
    with pytest.raises(NotDelivered, match=f"(?i){reason}") as told:
        bring_to_hub(replace(place, **wrong), 7, write_files(tmp_path / "7"))
    assert "hf_not-the-token" not in str(told.value)
