"""Files that people send, kept until they are brought in."""

import shutil
from typing import Any

from starlette.datastructures import UploadFile

from app.errors import Refused
from app.i18n import gettext as _
from app.items.report import upload_path


def uploaded(posted: dict[str, Any]) -> UploadFile:
    """Raises Refused where none was chosen."""
    upload = posted.get("file")
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise Refused(_("Choose a file to import."))
    return upload


def keep_upload(import_id: int, upload: UploadFile) -> None:
    path = upload_path(import_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as kept:
        shutil.copyfileobj(upload.file, kept)


def remove_upload(import_id: int) -> None:
    upload_path(import_id).unlink(missing_ok=True)
