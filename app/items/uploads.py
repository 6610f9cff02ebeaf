"""Files that people send, kept until they are brought in."""

import shutil
from datetime import datetime, timedelta
from typing import Any

from starlette.datastructures import UploadFile

from app.errors import Refused
from app.i18n import gettext as _
from app.items.models import Import, ImportState
from app.items.report import imports_folder, upload_path
from app.settings import settings


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


def ids_of_uploads() -> list[int]:
    """Of the imports whose uploads are here."""
    return [int(path.parent.name) for path in imports_folder().glob("*/upload")]


def kept_until(import_: Import) -> datetime | None:
    """From when on an upload that was only checked may be deleted; None where there is no such upload."""
    is_kept = import_.state == ImportState.CHECKED and upload_path(import_.id).exists()
    if not is_kept or import_.finished_at is None:
        return None
    return import_.finished_at + timedelta(days=settings().checked_upload_days)
