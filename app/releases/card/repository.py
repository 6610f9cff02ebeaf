"""The README.md at the root of a repository of releases, each in a folder named by its number.

It is of the newest release, so that `datasets` loads that one by the name of the repository alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.agreement.markdown_blocks import bullets, plain, table
from app.releases.card import texts
from app.releases.card.whole import Config, yaml_header
from app.releases.filters import filter_sentences
from app.releases.manifest import DEFAULT_CONFIG, FORMAT_VERSION, DatasetName, Split

Told = Mapping[str, Any]


def repository_card(repository: str, manifest: Told) -> str | None:
    """`repository`: OWNER/NAME; `manifest`: of the newest release, as its file has it.

    None where it has no rows, or was written by a version of this code that said other things in it.
    """
    entries = [entry for entry in manifest["datasets"] if entry["n_rows"]]
    if not entries or manifest["format_version"] != FORMAT_VERSION:
        return None
    release = manifest["release"]
    n_rows = sum(entry["n_rows"] for entry in entries)
    configs = list(_configs(release["number"], entries))
    header = yaml_header(release["license"], n_rows, configs, tuple(release["category_names"]))
    return header + "\n\n".join(_blocks(repository, release, entries)) + "\n"


def _configs(number: int, entries: Sequence[Told]) -> Iterator[Config]:
    """One a dataset, of all its rows; the first is what one gets who names none."""
    for place, entry in enumerate(entries):
        name = DatasetName(entry["name"])
        folder, splits = f"{number}/{name}/data/*", tuple(map(Split, entry["configs"][DEFAULT_CONFIG]))
        yield Config(name, name, folder, splits, is_default=place == 0)


def _blocks(repository: str, release: Told, entries: Sequence[Told]) -> Iterator[str]:
    number, first = release["number"], entries[0]["name"]
    yield f"# {plain(release['project'])}"
    yield texts.CONTENT_WARNING
    yield (
        f"This card is of release {number}, the newest here: labels as of {plain(release['as_of'])}, "
        f"taxonomy {plain(release['taxonomy_version'])}, written by Evenhand "
        f"{plain(release['code_version'])}. Each release is a folder named by its number, and a commit of "
        "its own. Each dataset in it has a card that says how it was made and what its limits are."
    )
    if filters := release.get("filters"):
        yield texts.FILTERED_SENTENCE
        yield bullets(plain(sentence) for sentence in filter_sentences(filters))
    yield (
        f'```python\nfrom datasets import load_dataset\n\nload_dataset("{repository}")  # {first}\n'
        f'load_dataset("{repository}", "{entries[-1]["name"]}")\n'
        f'load_dataset("{repository}", revision="...")  # the release of an earlier commit\n```'
    )
    yield table(("Configuration", *Split), (_row(entry) for entry in entries))
    yield bullets(_summary(number, DatasetName(entry["name"])) for entry in entries)


def _row(entry: Told) -> tuple[str | int, ...]:
    rows: Mapping[str, int] = entry["configs"][DEFAULT_CONFIG]
    return (f"`{entry['name']}`", *(rows.get(split, 0) for split in Split))


def _summary(number: int, name: DatasetName) -> str:
    return f"[{name}]({number}/{name}/README.md). {texts.SUMMARIES[name]}"
