"""What becomes of an import that waits, runs or was only checked: what admins decide, or that none did."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.audit.models import Action
from app.db import now
from app.errors import Conflict
from app.i18n import gettext as _
from app.items.actions import NOT_ENDED, note
from app.items.mapping import FieldMaps, as_stored
from app.items.models import Import, ImportMapping, ImportState
from app.items.report import upload_path
from app.settings import settings


class UploadGone(Conflict):
    """There is no file to import any more."""


def cancel_import(session: Session, import_id: int) -> bool:
    """Also one that was only checked. What runs notices it after its batch, and leaves nothing. False if the
    import has ended already."""
    cancelled = session.scalars(
        update(Import)
        .where(Import.id == import_id, Import.state.in_((*NOT_ENDED, ImportState.CHECKED)))
        .values(state=ImportState.CANCELLED, finished_at=now())
        .returning(Import)
    ).first()
    if cancelled is None:
        return False
    note(session, Action.CHANGED, cancelled, state=ImportState.CANCELLED)
    return True


def expire_checked(session: Session, import_ids: Collection[int]) -> None:
    """Those of them that were checked so long ago that nobody will import them are cancelled."""
    checked_before = now() - timedelta(days=settings().checked_upload_days)
    expired = session.scalars(
        update(Import)
        .where(
            Import.id.in_(import_ids),
            Import.state == ImportState.CHECKED,
            Import.finished_at < checked_before,
        )
        .values(state=ImportState.CANCELLED, finished_at=now(), expired_at=now())
        .returning(Import)
    )
    for import_ in expired.all():
        note(session, Action.REMOVED, import_, state=ImportState.CANCELLED)


def import_checked(session: Session, import_id: int) -> bool:
    """Let a checked file be brought in; False if it is not waiting for that."""
    return run_again(session, import_id, Action.IMPORTED, Import.shape.is_not(None), only_checks=False)


def tell_columns(session: Session, import_id: int, maps: FieldMaps) -> bool:
    """Let a checked file be checked again, with columns as told; False if it is not waiting for that."""
    return run_again(
        session,
        import_id,
        Action.CHECKED,
        Import.answers_told.is_(None),
        mapping=as_stored(maps),
        only_checks=True,
    )


def run_again(
    session: Session, import_id: int, action: Action, condition: ColumnElement[bool], **values: Any
) -> bool:
    """Raises UploadGone."""
    again = session.scalars(
        update(Import)
        .where(Import.id == import_id, Import.state == ImportState.CHECKED, condition)
        .values(state=ImportState.WAITING, n_bytes_read=0, finished_at=None, **values)
        .returning(Import)
    ).first()
    if again is None:
        return False
    if not upload_path(import_id).exists():
        raise UploadGone(_("The file is not here any more. Upload it again."))
    note(session, action, again)
    return True


def forget_mapping(session: Session, project_id: int, mapping_id: int) -> None:
    """Does nothing if the project has no such one."""
    columns = session.scalar(
        delete(ImportMapping)
        .where(ImportMapping.id == mapping_id, ImportMapping.project_id == project_id)
        .returning(ImportMapping.columns)
    )
    if columns is not None:
        record(session, Action.REVOKED, "columns", project_id=project_id, before={"columns": columns})
