"""A bucket of Amazon's S3, or of anything that speaks its protocol."""

import fsspec
from botocore.exceptions import BotoCoreError

from app.deliveries.errors import NotDelivered
from app.deliveries.models import BUCKET_SCHEME
from app.deliveries.stores.contents import Place, ReleaseFile, refuse_other_sizes

PART_BYTES = 8 * 1024 * 1024
"""Of an upload in parts, which any file of two or more of them is."""
PARTS_AT_ONCE = 4
SHA256 = "sha256"
"""The key of our digest in an object's own metadata: its ETag is none for an upload in parts."""
CLIENT = {
    # Other stores than Amazon's don't all know the newer checksums.
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
    "connect_timeout": 10,
    "retries": {"max_attempts": 2},
}


def bring_to_bucket(place: Place, number: int, files: list[ReleaseFile]) -> None:
    """What is there already, with our digest, is left as it is. Raises NotDelivered."""
    root = f"{place.address.removeprefix(BUCKET_SCHEME)}/{number}"
    store = opened(place)
    try:
        for file in files:
            put(store, f"{root}/{file.name}", file)
    except (OSError, BotoCoreError) as error:
        raise NotDelivered(str(error)) from error


def opened(place: Place) -> fsspec.AbstractFileSystem:
    """Of this place alone: another one's may have the same key, but not the same secret."""
    return fsspec.filesystem(
        "s3",
        key=place.key_id,
        secret=place.secret,
        endpoint_url=place.endpoint or None,
        client_kwargs={"region_name": place.region} if place.region else {},
        config_kwargs=CLIENT,
        max_concurrency=PARTS_AT_ONCE,
        skip_instance_cache=True,
        use_listings_cache=False,
    )


def put(store: fsspec.AbstractFileSystem, address: str, file: ReleaseFile) -> None:
    if not is_there(store, address, file):
        store.put_file(str(file.path), address, chunksize=PART_BYTES, Metadata={SHA256: file.sha256})
        refuse_other_sizes([file], {file.name: store.info(address)["size"]})


def is_there(store: fsspec.AbstractFileSystem, address: str, file: ReleaseFile) -> bool:
    """Where a look is refused, it is taken for missing: the upload is then refused too, and says why."""
    try:
        found = store.info(address)["size"], store.metadata(address).get(SHA256)
    except (FileNotFoundError, PermissionError):
        return False
    return found == (file.n_bytes, file.sha256)
