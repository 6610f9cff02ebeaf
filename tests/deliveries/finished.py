"""A finished release, with a folder of few files; how it was made matters to no delivery."""

from pathlib import Path

import orjson
from sqlalchemy.orm import Session

from app.db import now
from app.deliveries.stores.contents import ReleaseFile, contents_of
from app.projects.models import Project
from app.releases.actions import release_folder, request_release
from app.releases.models import Release, ReleaseState

FILES = {
    "manifest.json": b'{"datasets": []}\n',
    "PKU-SafeRLHF/README.md": b"# Tea\n",
    "PKU-SafeRLHF/data/train.jsonl": b'{"prompt": "Is tea warm?"}\n' * 40,
    "PKU-SafeRLHF/data/train.parquet": b"PAR1" + bytes(range(256)) * 8 + b"PAR1",
}


def finished_release(session: Session, project: Project) -> Release:
    release = request_release(session, project.id)
    write_files(release_folder(release))
    release.manifest = orjson.loads(FILES["manifest.json"])
    release.state, release.finished_at = ReleaseState.DONE, now()
    session.flush()
    return release


def write_files(folder: Path) -> list[ReleaseFile]:
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return contents_of(folder)
