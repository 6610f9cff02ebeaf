"""Pages and their named blocks."""

import hashlib
import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from babel import Locale
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from jinja2_fragments import render_block
from markupsafe import Markup

from app.i18n import LOCALE, LOCALES, gettext, ngettext, readable, weekday_name
from app.web.markdown import markdown
from app.web.minus import with_minus
from app.web.model_text import shown_text
from app.web.security import CSRF_FIELD, csrf_token

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"


class AssetsMissing(RuntimeError):
    """The front-end files were not fetched."""


class Templates(Environment):
    def getitem(self, obj: Any, argument: Any) -> Any:
        """What a mapping holds, and no method of it: of a form's field "items", `errors["items"]`."""
        if isinstance(obj, dict):
            return obj[argument] if argument in obj else self.undefined(obj=obj, name=argument)
        return super().getitem(obj, argument)


@lru_cache
def environment() -> Environment:
    found = Templates(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # With arguments: `_("%(n)s items", n=3)`; they are escaped.
    found.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    found.globals.update(static_url=static_url, vendor_file=vendor_file, csrf=csrf, shown_text=shown_text)
    found.globals.update(locale=LOCALE.get, locales=LOCALES, address_of=address_of, weekday_name=weekday_name)
    found.filters.update(thousands=thousands, minute=minute, coefficient=coefficient, hours=hours)
    found.filters.update(with_minus=with_minus)
    found.filters.update(translated=gettext, readable=readable, language_name=language_name)
    found.filters.update(as_json=as_json, markdown=markdown)
    # A global, since a block that is rendered alone does not see its page's imports.
    found.globals["ui"] = found.get_template("_shared/macros.html").module
    return found


def load_templates() -> None:
    """Compiles them all. Who asks for a page first would wait for its own, 100 ms and more."""
    for name in environment().list_templates():
        environment().get_template(name)


def render(
    request: Request, page: str, *, fragment: str | None = None, status: int = 200, **context: Any
) -> HTMLResponse:
    """The whole page, or its block `fragment` where htmx asks for it.

    A form that comes back has `errors`, a sentence a field, and `posted`, what was sent; else both are empty.
    """
    context = {"errors": {}, "posted": {}} | context
    context |= {
        "request": request,
        "csrf_token": csrf_token(request),
        "user": getattr(request.state, "user", None),
    }
    if fragment and wants_fragment(request):
        text = render_block(environment(), page, fragment, **context)
    else:
        text = environment().get_template(page).render(**context)
    return HTMLResponse(text, status_code=status, headers={"vary": "HX-Request"})


def render_part(part: str, *, block: str | None = None, **context: Any) -> Markup:
    """A template of its own, or a block of one, for a page that shows it as it is."""
    if block is not None:
        return Markup(render_block(environment(), part, block, **context))  # noqa: S704 (as below)
    return Markup(environment().get_template(part).render(**context))  # noqa: S704 (rendered with escaping)


def wants_fragment(request: Request) -> bool:
    return (
        request.headers.get("hx-request") == "true"
        and request.headers.get("hx-history-restore-request") != "true"
    )


@pass_context
def csrf(context: Context) -> Markup:
    """The hidden field that every form carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, context["csrf_token"])


def address_of(request: Request) -> str:
    """Where the page is found again; the start, where it answers a form."""
    if request.method != "GET":
        return "/"
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


@lru_cache
def static_url(name: str) -> str:
    """The address of one of our own static files, new whenever its content is."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@lru_cache
def vendor_file(name: str) -> dict[str, str]:
    """`url` and `integrity` of a fetched front-end file. Raises AssetsMissing."""
    try:
        entry = json.loads((STATIC / "vendor" / "manifest.json").read_text())[name]
    except (OSError, KeyError) as missing:
        raise AssetsMissing(f"static/vendor lacks {name}: run `make setup` to fetch it") from missing
    return {"url": f"/static/vendor/{entry['file']}", "integrity": entry["integrity"]}


def thousands(n: int) -> str:
    return f"{n:,}"


def minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else gettext("never")


def hours(value: float) -> str:
    return f"{value:,.2f}"


def coefficient(value: float | None) -> str:
    return gettext("not defined") if value is None else with_minus(f"{value:.3f}")


def language_name(code: str) -> str:
    """Of a language by its ISO 639 code, in the reader's; the code where it has none."""
    names = Locale.parse(LOCALE.get(), sep="-").languages
    return str(names.get(code, code))


def as_json(value: object) -> str:
    """For an attribute, which Jinja escapes. What was posted as JSON is that already."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
