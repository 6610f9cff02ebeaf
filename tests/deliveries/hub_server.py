"""A hub of our own: the part of the Hugging Face hub's protocol that uploads to a dataset repository take.

Creating a repository, checking the header of its card, asking how each file is to be sent (`preupload`), Git
LFS (batch, upload, verify), a commit as lines of JSON, the tree, and a revision. Nothing of it is stored
beyond the process.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

TOKEN = "hf_tea"
REPOSITORY = "tea-house/drinks"
API = f"/api/datasets/{REPOSITORY}"


@dataclass
class Hub:
    """`files`: the newest commit's; `uploads`: what came by LFS, by its digest."""

    address: str = ""
    repositories: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    commits: list[str] = field(default_factory=list)
    n_uploads: int = 0
    loses_uploads: bool = False
    """Says yes to an upload and keeps one byte less."""

    def create(self, asked: dict[str, Any]) -> tuple[int, Any]:
        name = f"{asked['organization']}/{asked['name']}"
        status = 409 if name in self.repositories else 200
        self.repositories.setdefault(name, asked)
        return status, {"url": f"{self.address}/datasets/{name}"}

    def check_card(self, asked: dict[str, Any]) -> tuple[int, Any]:
        """Before a commit, of the one at the root."""
        assert asked["repoType"] == "dataset"
        _, header, _ = asked["content"].split("---\n", 2)
        return 200, {"errors": [], "warnings": [], "card": yaml.safe_load(header)}

    def preupload(self, asked: dict[str, Any]) -> tuple[int, Any]:
        return 200, {"files": [self.way_of(file) for file in asked["files"]]}

    def way_of(self, file: dict[str, Any]) -> dict[str, Any]:
        # The client sends an empty file in the commit, whatever is said here.
        is_large = file["path"].endswith((".parquet", ".jsonl")) and file["size"] > 0
        stored = self.files.get(file["path"])
        oid = None if stored is None else hashlib.sha256(stored).hexdigest() if is_large else blob_oid(stored)
        way = {"path": file["path"], "uploadMode": "lfs" if is_large else "regular", "shouldIgnore": False}
        return way | ({"oid": oid} if oid else {})

    def batch(self, asked: dict[str, Any]) -> tuple[int, Any]:
        assert (asked["operation"], asked["hash_algo"]) == ("upload", "sha256")
        assert "basic" in asked["transfers"]
        return 200, {"transfer": "basic", "objects": [self.actions_of(each) for each in asked["objects"]]}

    def actions_of(self, wanted: dict[str, Any]) -> dict[str, Any]:
        if wanted["oid"] in self.uploads:
            return wanted
        upload = {"href": f"{self.address}/storage/{wanted['oid']}"}
        verify = {"href": f"{self.address}/{REPOSITORY}/verify"}
        return wanted | {"actions": {"upload": upload, "verify": verify}}

    def store(self, oid: str, content: bytes) -> None:
        self.n_uploads += 1
        assert hashlib.sha256(content).hexdigest() == oid
        self.uploads[oid] = content[: len(content) - self.loses_uploads]

    def verify(self, asked: dict[str, Any]) -> tuple[int, Any]:
        return (200 if asked["oid"] in self.uploads else 404), {}

    def commit(self, lines: list[dict[str, Any]]) -> tuple[int, Any]:
        header, *operations = [(line["key"], line["value"]) for line in lines]
        assert header[0] == "header"
        for kind, value in operations:
            is_lfs = kind == "lfsFile"
            content = self.uploads[value["oid"]] if is_lfs else base64.b64decode(value["content"])
            self.files[value["path"]] = content
        self.commits.append(header[1]["summary"])
        oid = hashlib.sha1(repr(self.commits).encode(), usedforsecurity=False).hexdigest()
        return 200, {"commitUrl": f"{self.address}/datasets/{REPOSITORY}/commit/{oid}", "commitOid": oid}

    def below(self, prefix: str) -> dict[str, bytes]:
        """By what follows the prefix."""
        files = self.files.items()
        return {path.removeprefix(prefix): content for path, content in files if path.startswith(prefix)}

    def root(self) -> tuple[int, Any]:
        folders = sorted({path.partition("/")[0] for path in self.files if "/" in path})
        files = {path: content for path, content in self.files.items() if "/" not in path}
        return 200, [
            *({"type": "directory", "path": name, "size": 0, "oid": "0" * 40} for name in folders),
            *(entry_of(path, content) for path, content in files.items()),
        ]

    def tree(self, folder: str) -> tuple[int, Any]:
        below = self.below(f"{folder}/")
        if not below:
            return 404, {"error": "no such folder"}
        return 200, [entry_of(f"{folder}/{name}", content) for name, content in below.items()]


def entry_of(path: str, content: bytes) -> dict[str, Any]:
    return {"type": "file", "path": path, "size": len(content), "oid": blob_oid(content)}


def blob_oid(content: bytes) -> str:
    """As git names it."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


class Desk(BaseHTTPRequestHandler):
    """What is asked, by its address."""

    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_POST(self) -> None:
        content, path = self.content(), urlsplit(self.path).path
        if not self.is_known():
            return
        if path == f"{API}/commit/main":
            self.answer(*self.hub.commit([json.loads(line) for line in content.splitlines()]))
            return
        answers = {
            "/api/repos/create": self.hub.create,
            "/api/validate-yaml": self.hub.check_card,
            f"{API}/preupload/main": self.hub.preupload,
            f"/datasets/{REPOSITORY}.git/info/lfs/objects/batch": self.hub.batch,
            f"/{REPOSITORY}/verify": self.hub.verify,
        }
        if path in answers:
            self.answer(*answers[path](json.loads(content)))
        else:
            self.refuse_repository()

    def do_PUT(self) -> None:
        """To the storage, whose addresses are signed: without a token."""
        self.hub.store(self.path.rpartition("/")[2], self.content())
        self.answer(200, {})

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if not self.is_known():
            return
        if path.startswith(f"{API}/tree/main/"):
            self.answer(*self.hub.tree(path.removeprefix(f"{API}/tree/main/")))
        elif path == f"{API}/tree/main":
            self.answer(*self.hub.root())
        elif path in (API, f"{API}/revision/main"):
            self.answer(200, {"id": REPOSITORY, "sha": "0" * 40, "siblings": []})
        else:
            self.refuse_repository()

    def content(self) -> bytes:
        """Raises ConnectionError where whoever asks hangs up before it is all there."""
        if self.headers.get("transfer-encoding") != "chunked":
            wanted = int(self.headers.get("content-length", 0))
            content = self.rfile.read(wanted)
            if len(content) < wanted:
                raise ConnectionError(f"{len(content)} bytes of {wanted}")
            return content
        read = b""
        while n_bytes := int(self.rfile.readline(), 16):
            read += self.rfile.read(n_bytes)
            self.rfile.readline()
        self.rfile.readline()
        return read

    def is_known(self) -> bool:
        if self.headers.get("authorization") == f"Bearer {TOKEN}":
            return True
        self.answer(
            401, {"error": "Invalid credentials"}, error="Invalid credentials in Authorization header"
        )
        return False

    def refuse_repository(self) -> None:
        self.answer(404, {"error": "Repository not found"}, code="RepoNotFound", error="Repository not found")

    def answer(self, status: int, said: Any, code: str = "", error: str = "") -> None:
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        for name, value in (("X-Error-Code", code), ("X-Error-Message", error)):
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Tests read what was asked, not lines on standard error."""


@contextmanager
def open_hub() -> Iterator[Hub]:
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OurDesk", (Desk,), {"hub": hub}))
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
