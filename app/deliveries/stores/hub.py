"""A dataset repository of the Hugging Face hub, or of a hub that speaks its protocol."""

import os
from contextlib import ExitStack
from typing import Any

import httpx2
import huggingface_hub
import orjson
from huggingface_hub.errors import EntryNotFoundError

from app.deliveries.errors import NotDelivered
from app.deliveries.models import HUB_SCHEME
from app.deliveries.stores.contents import Place, ReleaseFile, refuse_other_sizes
from app.releases.card.repository import repository_card
from app.releases.files.writer import CARD_NAME

KIND = "dataset"
LONGEST_SILENCE_SECONDS = 60
# Read when the library loads its parts, at the first delivery. A log is no place for progress bars.
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


def bring_to_hub(place: Place, number: int, files: list[ReleaseFile]) -> None:
    """In one commit, with a card at the root if no newer release is there; the repository is made, private,
    where there is none. Raises NotDelivered.

    What is there already is neither sent nor committed again.
    """
    huggingface_hub.set_client_factory(client)
    hub = huggingface_hub.HfApi(endpoint=place.endpoint or None, token=place.secret)
    repository = place.address.removeprefix(HUB_SCHEME)
    try:
        hub.create_repo(repository, repo_type=KIND, private=True, exist_ok=True)
        is_newest = number >= newest_there(hub, repository)
        card = repository_card(repository, manifest_of(files)) if is_newest else None
        commit(hub, repository, number, files, card)
        refuse_other_sizes(files, sizes_there(hub, repository, number))
    # The last two: what its uploads raise.
    except (OSError, httpx2.HTTPError, RuntimeError, ValueError) as error:
        # An upload's error says which file alone; its cause says why.
        cause = error.__cause__ if isinstance(error, RuntimeError) else None
        raise NotDelivered(str(cause or error)) from error
    finally:
        huggingface_hub.close_session()


def client() -> httpx2.Client:
    """The library's own would wait for a silent hub for ever."""
    return httpx2.Client(timeout=LONGEST_SILENCE_SECONDS, follow_redirects=True)


def newest_there(hub: huggingface_hub.HfApi, repository: str) -> int:
    """The number of a release; 0 where there is none."""
    try:
        names = [entry.path for entry in hub.list_repo_tree(repository, repo_type=KIND)]
    except EntryNotFoundError:
        return 0
    return max((int(name) for name in names if name.isdecimal()), default=0)


def manifest_of(files: list[ReleaseFile]) -> dict[str, Any]:
    """Which is the last of them."""
    manifest: dict[str, Any] = orjson.loads(files[-1].path.read_bytes())
    return manifest


def commit(
    hub: huggingface_hub.HfApi, repository: str, number: int, files: list[ReleaseFile], card: str | None
) -> None:
    """`card`: for the root, None where that is to stay as it is.

    Files are handed over opened: then large ones go by plain HTTP (Git LFS), which every hub, mirror and
    proxy speaks, and not by the threads of a native library in a process that was forked.
    """
    with ExitStack() as stack:
        additions = [
            huggingface_hub.CommitOperationAdd(
                f"{number}/{file.name}", stack.enter_context(file.path.open("rb"))
            )
            for file in files
        ]
        if card is not None:
            additions.append(huggingface_hub.CommitOperationAdd(CARD_NAME, card.encode()))
        hub.create_commit(repository, additions, repo_type=KIND, commit_message=f"Release {number}")


def sizes_there(hub: huggingface_hub.HfApi, repository: str, number: int) -> dict[str, int]:
    entries = hub.list_repo_tree(repository, str(number), repo_type=KIND, recursive=True)
    return {
        entry.path.removeprefix(f"{number}/"): entry.size
        for entry in entries
        if isinstance(entry, huggingface_hub.RepoFile)
    }
