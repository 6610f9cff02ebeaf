"""A stored report, as `Report`, whatever version of the code wrote it."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from app.agreement.report.content import Report

NOTHING: dict[type, Any] = {int: 0, str: "", bool: False}


def report_from(content: Mapping[str, Any]) -> Report:
    """What it lacks is empty, zero or None; what is not known any more is left out."""
    report: Report = row_from(Report, content)
    return report


def row_from(row_type: Any, content: Mapping[str, Any]) -> Any:
    types = types_of(row_type)
    return row_type(**{field.name: value_of(field, types[field.name], content) for field in fields(row_type)})


@lru_cache
def types_of(row_type: Any) -> dict[str, Any]:
    return get_type_hints(row_type)


def value_of(field: Field[Any], value_type: Any, content: Mapping[str, Any]) -> Any:
    if field.name in content:
        return value_from(value_type, content[field.name])
    if field.default is not MISSING:
        return field.default
    return [] if get_origin(value_type) is list else NOTHING.get(value_type)


def value_from(value_type: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(value_type) is UnionType:
        value_type = next(each for each in get_args(value_type) if each is not NoneType)
    if get_origin(value_type) is list:
        (of,) = get_args(value_type)
        return [value_from(of, each) for each in value] if holds_rows(of) else value
    return row_from(value_type, value) if is_dataclass(value_type) else value


@lru_cache
def holds_rows(value_type: Any) -> bool:
    """Is it a row, or made of rows? A matrix of numbers is taken as it is: it may have a hundred thousand."""
    return is_dataclass(value_type) or any(holds_rows(each) for each in get_args(value_type))
