"""From the fields of the editor to the next version of a taxonomy.

The fields of the category at place 3 end in "_3"; new ones have the places behind the last. A name is settled
once for all, as is its place: it is the category's bit in every mask, and its key in every release.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, NamedTuple

from pydantic import ValidationError

from app.i18n import gettext as _
from app.keys.bindings import ACTIONS, actions_with, clashes, words_of
from app.projects.taxonomy import MOST_CATEGORIES, HarmCategory, Taxonomy
from app.taxonomies.forms import TypedCategory, TypedVersion
from app.web.forms import messages

N_NEW = 3
"""How many categories the form has room for at once."""

Errors = dict[str, str]


class Edited(NamedTuple):
    """`errors`: by field, "form" for the whole; empty: the rest can be published."""

    taxonomy: Taxonomy
    typed: TypedVersion | None
    errors: Errors


def edited(posted: Mapping[str, Any], known: Taxonomy) -> Edited:
    """`known`: the version that the form was opened on. What is wrong stays in the taxonomy as it was."""
    errors: Errors = {}
    categories = list(categories_typed(posted, known, errors))
    typed = None
    try:
        typed = TypedVersion.model_validate({**posted, "rules": posted.get("rules", list(known.rules))})
    except ValidationError as invalid:
        errors |= messages(invalid)
    rules = known.rules if typed is None else tuple(typed.rules)
    taxonomy = Taxonomy(version_name(known, typed), in_place(categories, known), rules)
    for field, sentence in mistakes(taxonomy):
        errors.setdefault(field, sentence)
    return Edited(taxonomy, typed, errors)


def version_name(known: Taxonomy, typed: TypedVersion | None) -> str:
    """What it began as, and its number."""
    base, _plus, _number = known.version.partition("+")
    return f"{base}+{1 if typed is None else typed.based_on + 1}"


def categories_typed(posted: Mapping[str, Any], known: Taxonomy, errors: Errors) -> Iterator[HarmCategory]:
    """Those that there are, with what was typed in place of what was, but for their names; then new ones."""
    stored: list[dict[str, Any]] = [asdict(category) for category in with_ranks(known)]
    for place, fields in enumerate([*stored, *({} for _new in range(N_NEW))]):
        names = [name for name in TypedCategory.model_fields if not (fields and name == "name")]
        given = {name: posted[f"{name}_{place}"] for name in names if f"{name}_{place}" in posted}
        if not fields and not str(given.get("name", "")).strip():
            continue
        try:
            yield HarmCategory(**TypedCategory.model_validate(fields | given).model_dump())
        except ValidationError as invalid:
            errors |= {f"{field}_{place}": sentence for field, sentence in messages(invalid).items()}
            if fields:
                yield HarmCategory(**fields)


def with_ranks(taxonomy: Taxonomy) -> list[HarmCategory]:
    """In the order of their bits, each with its place on pages: 1 and up, those that are retired last."""
    retired = [category for category in taxonomy.categories if category.is_retired]
    shown = [category.name for category in (*taxonomy.offered, *retired)]
    return [replace(category, rank=shown.index(category.name) + 1) for category in taxonomy.categories]


def in_place(typed: Sequence[HarmCategory], known: Taxonomy) -> tuple[HarmCategory, ...]:
    """In the order of their bits, each with its place on pages. What was given another place than it had in
    `known`, or is new, stands there; all else keeps its order around it."""
    had = {category.name: category.rank for category in with_ranks(known)}
    by_rank = sorted(typed, key=lambda category: category.rank)
    offered = [category for category in by_rank if not category.is_retired]
    shown = [category for category in offered if category.rank == had.get(category.name)]
    first_free = 0
    for category in offered:
        if category.rank != had.get(category.name):
            place = min(max(category.rank - 1, first_free), len(shown))
            shown.insert(place, category)
            first_free = place + 1
    shown += [category for category in by_rank if category.is_retired]
    places = {category.name: place for place, category in enumerate(shown, 1)}
    return tuple(replace(category, rank=places[category.name]) for category in typed)


def mistakes(taxonomy: Taxonomy) -> Iterator[tuple[str, str]]:
    """(field, sentence) of what can't be together."""
    if not taxonomy.offered:
        yield "form", _("Offer at least one harm category.")
    if len(taxonomy.categories) > MOST_CATEGORIES:
        sentence = _("A taxonomy has room for %(n)s harm categories, those that are retired among them.")
        yield "form", sentence % {"n": MOST_CATEGORIES}
    names = [category.name.casefold() for category in taxonomy.categories]
    for place, name in enumerate(names):
        if name in names[:place]:
            yield f"name_{place}", _("There is a harm category of this name already.")
    places = {category.name: place for place, category in enumerate(taxonomy.categories)}
    for action, other, key in clashes({}, actions_with(taxonomy)):
        if action not in ACTIONS:
            sentence = _("%(key)s is also the key of “%(other)s”. Choose another.")
            yield f"key_{places[action.name]}", sentence % {"key": key, "other": words_of(other)}
