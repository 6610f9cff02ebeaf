"""A bucket as a target: a real server that speaks S3, with users who have keys."""

import json
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.core import enable_iam_authentication
from moto.server import ThreadedMotoServer

from app.deliveries.errors import NotDelivered
from app.deliveries.stores.bucket import PART_BYTES, bring_to_bucket
from app.deliveries.stores.contents import Place, contents_of
from tests.deliveries.finished import FILES, write_files

MAY_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:*", "iam:*"], "Resource": "*"}],
}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def place(endpoint: str) -> Iterator[Place]:
    """In a bucket that keeps versions, with the key of the one user who may do anything."""
    bucket, users = client("s3", endpoint, "anyone", "nothing"), client("iam", endpoint, "anyone", "nothing")
    bucket.create_bucket(Bucket="drinks")
    bucket.put_bucket_versioning(Bucket="drinks", VersioningConfiguration={"Status": "Enabled"})
    # Tests of another file may run in between, and this is set up again for the same server.
    name = f"deliverer-{secrets.token_hex(4)}"
    users.create_user(UserName=name)
    users.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(MAY_ALL))
    key = users.create_access_key(UserName=name)["AccessKey"]
    with enable_iam_authentication():
        yield Place("s3://drinks/tea", endpoint, "us-east-1", key["AccessKeyId"], key["SecretAccessKey"])


@pytest.fixture
def bucket(place: Place) -> Any:
    return client("s3", place.endpoint, place.key_id, place.secret)


def client(service: str, endpoint: str, key_id: str, secret: str) -> Any:
    key = {"aws_access_key_id": key_id, "aws_secret_access_key": secret}
    return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", **key)


def n_puts(bucket: Any, prefix: str) -> dict[str, int]:
    """By the key below the prefix: how often it was put."""
    versions = bucket.list_object_versions(Bucket="drinks", Prefix=prefix).get("Versions", [])
    return Counter(each["Key"].removeprefix(prefix) for each in versions)


def objects(bucket: Any, prefix: str) -> dict[str, bytes]:
    return {
        name: bucket.get_object(Bucket="drinks", Key=prefix + name)["Body"].read()
        for name in n_puts(bucket, prefix)
    }


def test_a_release_arrives_and_is_not_sent_twice(tmp_path: Path, place: Place, bucket: Any) -> None:
    files = write_files(tmp_path / "7")
    bring_to_bucket(place, 7, files)
    assert objects(bucket, "tea/7/") == FILES
    bucket.put_object(Bucket="drinks", Key="tea/7/PKU-SafeRLHF/README.md", Body=b"# Tee\n")
    bring_to_bucket(place, 7, files)
    assert objects(bucket, "tea/7/") == FILES
    assert n_puts(bucket, "tea/7/") == dict.fromkeys(FILES, 1) | {"PKU-SafeRLHF/README.md": 3}


def test_where_a_delivery_ends_early_there_is_no_manifest(tmp_path: Path, place: Place, bucket: Any) -> None:
    files = write_files(tmp_path / "6")
    files[-2].path.unlink()
    with pytest.raises(NotDelivered, match="No such file"):
        bring_to_bucket(place, 6, files)
    assert n_puts(bucket, "tea/6/") == {file.name: 1 for file in files[:-2]}


def test_a_large_file_goes_in_parts_and_is_known_again(tmp_path: Path, place: Place, bucket: Any) -> None:
    write_files(tmp_path / "8")
    with (tmp_path / "8" / "large.parquet").open("wb") as large:
        large.truncate(2 * PART_BYTES + 1)
    for _ in range(2):
        bring_to_bucket(place, 8, contents_of(tmp_path / "8"))
    assert n_puts(bucket, "tea/8/") == dict.fromkeys((*FILES, "large.parquet"), 1)
    found = bucket.head_object(Bucket="drinks", Key="tea/8/large.parquet")
    assert found["ContentLength"] == 2 * PART_BYTES + 1
    assert found["ETag"].endswith('-3"')


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"secret": "not-the-secret"}, "signature"),
        ({"key_id": "nobody"}, "does not exist in our records"),
        ({"address": "s3://no-such-bucket/tea"}, "bucket does not exist"),
        ({"endpoint": "http://127.0.0.1:9"}, "Could not connect"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, place: Place, wrong: dict[str, str], reason: str) -> None:
    with pytest.raises(NotDelivered, match=reason) as told:
        bring_to_bucket(replace(place, **wrong), 9, write_files(tmp_path / "9"))
    assert "not-the-secret" not in str(told.value)
