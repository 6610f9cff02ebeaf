"""A dataset repository of the Hugging Face hub, or of a hub that speaks its protocol."""

import os
from contextlib import ExitStack

import httpx2
import huggingface_hub

from app.deliveries.errors import NotDelivered
from app.deliveries.models import HUB_SCHEME
from app.deliveries.stores.contents import Place, ReleaseFile, refuse_other_sizes

KIND = "dataset"
LONGEST_SILENCE_SECONDS = 60
# Read when the library loads its parts, at the first delivery. A log is no place for progress bars.
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


def bring_to_hub(place: Place, number: int, files: list[ReleaseFile]) -> None:
    """In one commit; the repository is made, private, where there is none. Raises NotDelivered.

    What is there already is neither sent nor committed again.
    """
    huggingface_hub.set_client_factory(client)
    hub = huggingface_hub.HfApi(endpoint=place.endpoint or None, token=place.secret)
    repository = place.address.removeprefix(HUB_SCHEME)
    try:
        hub.create_repo(repository, repo_type=KIND, private=True, exist_ok=True)
        commit(hub, repository, number, files)
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


def commit(hub: huggingface_hub.HfApi, repository: str, number: int, files: list[ReleaseFile]) -> None:
    """Files are handed over opened: then large ones go by plain HTTP (Git LFS), which every hub, mirror and
    proxy speaks, and not by the threads of a native library in a process that was forked."""
    with ExitStack() as stack:
        additions = [
            huggingface_hub.CommitOperationAdd(
                f"{number}/{file.name}", stack.enter_context(file.path.open("rb"))
            )
            for file in files
        ]
        hub.create_commit(repository, additions, repo_type=KIND, commit_message=f"Release {number}")


def sizes_there(hub: huggingface_hub.HfApi, repository: str, number: int) -> dict[str, int]:
    entries = hub.list_repo_tree(repository, str(number), repo_type=KIND, recursive=True)
    return {
        entry.path.removeprefix(f"{number}/"): entry.size
        for entry in entries
        if isinstance(entry, huggingface_hub.RepoFile)
    }
