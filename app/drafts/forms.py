"""What a page sends of an answer that is not submitted yet."""

import json
import re
from collections.abc import Mapping
from typing import Any

from app.errors import Refused
from app.i18n import gettext as _

FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# What a page needs itself; it is no part of an answer.
NOT_KEPT = {"csrf_token", "draft_version"}
MOST_FIELDS = 100
LARGEST_DRAFT_BYTES = 64 * 1024
MOST_DIGITS = 9


def content_posted(posted: Mapping[str, Any]) -> dict[str, Any]:
    """The form's fields, a string or a list of strings each; among them its `submission_key`, which says what
    page wrote the draft. Raises Refused for more than a form of ours holds."""
    content = {
        name: value for name, value in posted.items() if name not in NOT_KEPT and FIELD_NAME.fullmatch(name)
    }
    n_bytes = len(json.dumps(content, ensure_ascii=False).encode())
    if len(content) > MOST_FIELDS or n_bytes > LARGEST_DRAFT_BYTES:
        raise Refused(_("This is too long to be kept as a draft. Shorten it, or submit it."))
    return content


def version_posted(posted: Mapping[str, Any]) -> int | None:
    """The newest version that the page knows of, 0 where it knows of none; None for a form that does not say.

    Raises Refused.
    """
    version = posted.get("draft_version")
    if version is None:
        return None
    if not isinstance(version, str) or not version.isdecimal() or len(version) > MOST_DIGITS:
        raise Refused(_("The version of a draft is a whole number."))
    return int(version)
