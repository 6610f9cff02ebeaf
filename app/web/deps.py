"""What routes ask for: the session of this request, what was posted, and who may come in unasked."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.params import Depends as Gate
from sqlalchemy.orm import Session

from app.db import LARGEST_ID, POOL_SIZE, transaction
from app.errors import NotFound, Refused
from app.i18n import gettext as _

UPLOAD_FIELD = "file"


def get_session() -> Iterator[Session]:
    with transaction() as session:
        yield session


# "function": commit before the response leaves, so that the browser's next request sees the rows.
# max_concurrency: wait for a connection without holding a thread.
SessionDep = Annotated[Session, Depends(get_session, scope="function", max_concurrency=POOL_SIZE)]


async def posted_fields(request: Request) -> dict[str, Any]:
    """The form's fields: a string, or a list of these where a name came more than once; `file` is an upload.

    Raises Refused for NUL, which PostgreSQL can't store, and for an upload in another field.
    """
    form = await request.form()
    for name, value in form.multi_items():
        if isinstance(value, str) and "\0" in value:
            raise Refused(_("The text has a character that can't be stored."))
        if not isinstance(value, str) and name != UPLOAD_FIELD:
            raise Refused(_("Only a file to import can be uploaded."))
    return {name: as_sent(form.getlist(name)) for name in form}


def as_sent(values: list[Any]) -> Any:
    """With line breaks as we keep them: browsers send two characters for each."""
    kept = [value.replace("\r\n", "\n") if isinstance(value, str) else value for value in values]
    return kept[0] if len(kept) == 1 else kept


Posted = Annotated[dict[str, Any], Depends(posted_fields)]


# What asks no database is async, though the rest is not: as a plain function it would cost a thread's turn.
async def refuse_impossible_ids(request: Request) -> None:
    """Raises NotFound for an id that PostgreSQL could not even look for."""
    for value in request.path_params.values():
        with suppress(ValueError):
            if abs(int(value)) > LARGEST_ID:
                raise NotFound(_("There is no such page."))


async def refuse_nul(request: Request) -> None:
    """Raises Refused for an address that asks for NUL, which PostgreSQL can't even look for."""
    if b"%00" in request.scope["query_string"]:
        raise Refused(_("The text has a character that can't be stored."))


async def anyone() -> None:
    """The gate of routes that need no sign-in."""


Public: Gate = Depends(anyone)
