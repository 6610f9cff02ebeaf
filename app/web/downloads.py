"""Answers that a browser keeps as a file."""

from collections.abc import Iterable

from fastapi.responses import Response, StreamingResponse


def csv_file(name: str, lines: Iterable[str]) -> Response:
    """Sent as the lines come."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type="text/csv", headers=headers)
