"""The page on which one assignment is judged."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from markupsafe import Markup

from app.accounts.models import User
from app.annotations.actions import displayed_order
from app.annotations.shown import ShownAssignment
from app.assignments.models import SkipReason
from app.drafts.forms import version_posted
from app.i18n import LOCALE
from app.keys.bindings import OwnKeys, all_keys, own_keys
from app.projects.taxonomy import SEVERITY_LEVELS, Taxonomy
from app.queues.models import Dimension
from app.web.templates import render, render_part

LONGEST_KEY = 64


def in_words(taxonomy: Taxonomy) -> dict[str, Any]:
    """For templates: all that the form of a label names."""
    return {
        "categories": taxonomy.offered,
        "severity_levels": SEVERITY_LEVELS,
        "rules": taxonomy.rules,
    }


def workspace(
    request: Request,
    annotator: User,
    assignment: ShownAssignment,
    step: Dimension,
    *,
    posted: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    **context: Any,
) -> Response:
    """One step of an assignment; with `posted`, what was answered so far; with `errors`, how to mend it.

    Where nothing was posted, the draft is what was answered.
    """
    return render(
        request,
        "annotations/shown_already.html" if context.get("is_shown") else page_of(step),
        fragment="workspace",
        status=422 if errors else 200,
        **(workspace_context(annotator, assignment, step, posted, errors) | context),
    )


def page_of(step: Dimension) -> str:
    return f"annotations/{'safety' if step is Dimension.SAFETY else 'ranking'}.html"


def workspace_context(
    annotator: User,
    assignment: ShownAssignment,
    step: Dimension,
    posted: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> dict[str, Any]:
    """All that the page asks for."""
    draft_version, draft = known_draft(assignment, step, posted)
    answered = posted or draft
    own = own_keys(annotator.preferences)
    order = displayed_order(assignment.id, step, len(assignment.responses))
    return {
        "is_revision": False,
        "stored": None,
        "changes": [],
        "taxonomy_changes": [],
        "action": f"/annotate/assignments/{assignment.id}/{path_of(step)}",
        "assignment": assignment,
        "step": step,
        "order": order,
        "responses": [assignment.responses[position] for position in order],
        "blank_harm": None if answered else blank("_harm", LOCALE.get(), own, assignment.taxonomy),
        "definitions": blank("_definitions", LOCALE.get(), own, assignment.taxonomy),
        "skip_reasons": list(SkipReason),
        "submission_key": submission_key(posted or {}) or secrets.token_urlsafe(12),
        "keys": all_keys(own, assignment.taxonomy),
        "draft_version": draft_version,
        "draft": draft,
        "posted": answered,
        "errors": errors or {},
        **in_words(assignment.taxonomy),
    }


def known_draft(
    assignment: ShownAssignment, step: Dimension, posted: Mapping[str, Any] | None
) -> tuple[int, dict[str, Any]]:
    """The version that the page knows, and its content; of a page that comes back what it knew, without."""
    version, content = assignment.draft(step)
    if posted is None:
        return version, content
    known = version_posted(posted)
    return version if known is None else known, {}


@dataclass(frozen=True, slots=True)
class Stored:
    """The answer that was just taken, for the words that say so."""

    assignment_id: int
    dimension: Dimension
    is_changeable: bool


def submission_key(posted: Mapping[str, Any]) -> str | None:
    """What a form carries once, so that the same answer sent again is known."""
    key = posted.get("submission_key")
    return key[:LONGEST_KEY] if isinstance(key, str) and key else None


def path_of(step: Dimension) -> str:
    return "safety-label" if step is Dimension.SAFETY else f"rankings/{step}"


@lru_cache(maxsize=64)
def blank(part: str, _locale: str, own: OwnKeys, taxonomy: Taxonomy) -> Markup:
    """A part of the page that is the same for every item, and most of it: rendered once a language, set of
    keys and taxonomy."""
    words = in_words(taxonomy)
    return render_part(
        f"annotations/{part}.html", **words, keys=all_keys(own, taxonomy), errors={}, posted={}
    )
