"""A dataset repository of a hub as a target."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from app.deliveries.errors import NotDelivered
from app.deliveries.stores.contents import Place, contents_of
from app.deliveries.stores.hub import bring_to_hub
from tests.deliveries.finished import FILES, write_files
from tests.deliveries.hub_server import REPOSITORY, TOKEN, Hub, open_hub
from tests.releases import samples
from tests.releases.loaded import loaded_by_datasets

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


def test_the_card_at_the_root_is_the_newest_release_s_and_loads_it(
    tmp_path: Path, hub: Hub, place: Place
) -> None:
    numbers = {3: 12, 2: 6, 10: 8}
    cards = []
    for number, n_prompts in numbers.items():
        facts, folder = samples.facts(number=number), tmp_path / str(number)
        pairs = samples.many_qa_pairs(n_prompts), samples.many_response_pairs(n_prompts)
        samples.write_release(folder, facts, *pairs, [], samples.many_judged_items(n_prompts))
        bring_to_hub(place, number, contents_of(folder))
        cards.append(hub.files["README.md"])
    assert hub.commits == ["Release 3", "Release 2", "Release 10"]
    assert cards[0] == cards[1] != cards[2]
    assert b"This card is of release 10, the newest here" in cards[2]
    assert f'load_dataset("{REPOSITORY}")  # PKU-SafeRLHF\n'.encode() in cards[2]
    bring_to_hub(place, 10, contents_of(tmp_path / "10"))
    assert len(hub.commits) == 3, "nothing has changed"
    root = snapshot(hub, tmp_path / "snapshot")
    of_root = [(root, config) for config in (None, "PKU-SafeRLHF-QA", "annotations")]
    default, qa_pairs, annotations, of_folder = loaded_by_datasets(
        [*of_root, (tmp_path / "10" / "PKU-SafeRLHF", None)], tmp_path / "cache"
    )
    assert default == of_folder
    assert sum(qa_pairs["rows"].values()) == 2 * numbers[10]
    assert annotations["types"]["ranks"] == "List(Value('int64'))"


def snapshot(hub: Hub, folder: Path) -> Path:
    """As someone has it who downloads the repository."""
    for path, content in hub.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def test_a_release_without_rows_or_of_an_older_format_has_no_card_at_the_root(
    tmp_path: Path, hub: Hub, place: Place
) -> None:
    samples.write_release(tmp_path / "3", samples.facts(), [], [])
    bring_to_hub(place, 3, contents_of(tmp_path / "3"))
    samples.write_all(tmp_path / "4", 4)
    manifest = orjson.loads((tmp_path / "4" / "manifest.json").read_bytes())
    (tmp_path / "4" / "manifest.json").write_bytes(orjson.dumps(manifest | {"format_version": 2}))
    bring_to_hub(place, 4, contents_of(tmp_path / "4"))
    assert hub.commits == ["Release 3", "Release 4"]
    assert "README.md" not in hub.files


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
