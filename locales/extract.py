"""Brings the catalogues to what the code and the templates say now: `make messages`.

What has a translation keeps it, also one that was gone and comes back; what is new waits for one.
"""

from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from app.accounts.models import Role
from app.adjudication.models import CaseReason
from app.agreement.measures.counts import Level
from app.assignments.models import SkipReason
from app.audit.models import Action
from app.deliveries.models import Progress, Store
from app.differences.content import Change
from app.differences.kept import DifferenceState
from app.gold.models import DisputeState, GoldSource
from app.i18n import ENGLISH, LOCALES, catalogue_path, plain_english
from app.inspections.models import BatchState
from app.items.models import ImportState, ItemKind
from app.items.report import Outcome
from app.items.texts.garbled import Garbled
from app.projects.shipped import SHIPPED
from app.projects.taxonomy import SEVERITY_LEVELS
from app.quality.finding import FindingName
from app.quality.models import Bound, RuleAction
from app.quality.outcomes import Collector
from app.queues.models import Dimension, QueueKind, QueueOrder, QueuePurpose, QueueState
from app.releases.models import ReleaseState
from app.releases.rows.rules import DropReason
from app.taxonomies.changes import ChangeKind
from app.voids.consequences import Kind
from app.withdrawals.models import WithdrawalKind

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (("app", "**.py", "python"), ("templates", "**.html", "jinja2"))
# As in `app.web.templates.environment`; a template that can't be read is no template without messages.
OPTIONS = {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
SHOWN = (
    Role, QueueKind, QueueState, QueueOrder, QueuePurpose, Dimension, ImportState, ReleaseState, DropReason,
    Outcome, Level, FindingName, Collector, Bound, RuleAction,
    Action, BatchState, CaseReason, Change, DifferenceState, DisputeState, Garbled, GoldSource, ItemKind,
    ChangeKind, Kind, Progress, SkipReason, Store, WithdrawalKind,
)  # fmt: skip
# Of the audit log.
SUBJECTS = (
    *("answers", "columns", "inspected answer", "inspection batch", "item", "taxonomy", "withdrawal"),
    *("queue items", "item as an annotator", "items found", "adjudication cases", "hours and items"),
    *("invitation", "password link", "password", "sign-ins", "group", "import report", "questions"),
    *("exposure", "nightly releases"),
    *("delivery", "delivery target", "webhook", "webhook call", "download link", "download links"),
)
# Without dates or names, which would be another in each branch.
HEADER = """\
msgid ""
msgstr ""
"Language: {locale}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def extracted() -> Catalog:
    """Every message there is, each with the files that say it."""
    found = Catalog(charset="utf-8")
    for folder, pattern, method in SOURCES:
        files = extract_from_dir(
            ROOT / folder,
            method_map=[(pattern, method)],
            options_map={pattern: OPTIONS},
            # Babel's own leaves out what begins with an underscore.
            directory_filter=lambda _folder: True,
        )
        for path, line, message, _comments, context in files:
            found.add(message, locations=[(f"{folder}/{path}", line)], context=context)
    for words in stored_words():
        found.add(words)
    return found


def stored_words() -> Iterator[str]:
    """What is stored and released in English, and shown by the filter `translated`."""
    for values in SHOWN:
        yield from (value.replace("_", " ") for value in values)
    for taxonomy in SHIPPED.values():
        for category in taxonomy.categories:
            yield from (plain_english(category.name), category.definition, category.example)
        yield from taxonomy.rules
    for level in SEVERITY_LEVELS:
        yield from (level.name, level.description)
    yield from SUBJECTS


def known(locale: str) -> Catalog:
    """The catalogue as it is committed; an empty one where there is none yet."""
    path = catalogue_path(locale)
    if not path.exists():
        return Catalog(locale.replace("-", "_"))
    with path.open("rb") as file:
        return read_po(file)


def updated(old: Catalog, messages: Catalog) -> Catalog:
    """`messages` with the translations of `old`, whose others are kept as obsolete."""
    new = Catalog(old.locale, charset="utf-8")
    translations = {
        key_of(message): message.string for message in (*old.obsolete.values(), *old) if message.id
    }
    for message in messages:
        string = translations.pop(key_of(message), None)
        if message.id:
            new.add(message.id, string, message.locations, message.flags, context=message.context)
    for (singular, context), string in translations.items():
        id_ = singular if isinstance(string, str) else (singular, singular)
        new.obsolete[singular] = Message(id_, string, context=context)
    return new


def key_of(message: Message) -> tuple[str, str | None]:
    singular = message.id if isinstance(message.id, str) else message.id[0]
    return singular, message.context


def is_translated(message: Message) -> bool:
    return all((message.string,) if isinstance(message.string, str) else message.string or [""])


def main() -> None:
    messages = extracted()
    for locale in LOCALES.keys() - {ENGLISH}:
        catalogue = updated(known(locale), messages)
        header = HEADER.format(locale=catalogue_path(locale).stem, plural_forms=catalogue.plural_forms)
        with catalogue_path(locale).open("wb") as file:
            file.write(header.encode())
            write_po(file, catalogue, width=0, omit_header=True, sort_by_file=True, include_lineno=False)
        n_untranslated = sum(not is_translated(message) for message in catalogue if message.id)
        print(f"{catalogue_path(locale).name}: {len(catalogue)} messages, {n_untranslated} untranslated")


if __name__ == "__main__":
    main()
