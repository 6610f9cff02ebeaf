"""The README.md beside each dataset of a release: a YAML header for `datasets`, then Markdown for people.

Every number comes from the manifest. Plain strings, so that writing a release needs no template engine.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import orjson

from app.agreement.markdown import card_section
from app.agreement.markdown_blocks import bullets, plain, share, table
from app.releases.card import texts
from app.releases.card.fields import FIELDS
from app.releases.filters import filter_sentences
from app.releases.manifest import (
    DEFAULT_CONFIG,
    DatasetEntry,
    DatasetName,
    FileFormat,
    Manifest,
    ReleaseFacts,
    Split,
)
from app.releases.rows.rules import REASON_SENTENCES, TEMPLATE_TOKENS
from app.releases.rows.schemas import HAVE_NULLS, schema_of, yaml_features
from app.releases.rows.tally import UNSAFE_SEVERITIES, DualCounts, LabelCounts

SIZE_STEPS = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)


class Config(NamedTuple):
    """What `datasets` reads by one name. `folder`: of its JSON Lines files, from the card's own."""

    name: str
    dataset: DatasetName
    folder: str
    splits: tuple[Split, ...]
    is_default: bool = False


def dataset_card(manifest: Manifest, entry: DatasetEntry) -> str:
    """The whole README.md of a dataset with at least one row."""
    release = manifest.release
    blocks = [
        *_opening(release, entry),
        *_filters(release),
        "## Rows",
        *_rows(entry),
        *(_labels(release, entry) if texts.MADE_HOW[entry.name] else ()),
        *_statistics(entry),
        *(_agreement(release) if texts.MADE_HOW[entry.name] else ()),
        "## Rows left out",
        *_dropped(entry),
        texts.TOMBSTONES_SENTENCE.format(n=f"{manifest.tombstones.n_rows:,}"),
        "## Fields",
        *_fields(release, entry),
        "## Known limits",
        bullets((*texts.KNOWN_LIMITS[entry.name], *_length_limit(release, entry))),
    ]
    header = yaml_header(release.license, entry.n_rows, _configs(entry), release.category_names)
    return header + "\n\n".join(block for block in blocks if block) + "\n"


def size_category(n_rows: int) -> str:
    """The hub's name for a dataset of this size."""
    return next((name for limit, name in SIZE_STEPS if n_rows < limit), "100M<n<1B")


def yaml_header(license: str, n_rows: int, configs: Iterable[Config], category_names: tuple[str, ...]) -> str:
    lines = ["---", f"license: {_quoted(license)}", "task_categories:", "- text-generation"]
    lines += ["language:", "- en", "tags:", *(f"- {tag}" for tag in texts.TAGS)]
    lines += ["size_categories:", f"- {_quoted(size_category(n_rows))}", "configs:"]
    features: list[str] = []
    for config in configs:
        lines += [
            f"- config_name: {_quoted(config.name)}",
            *(["  default: true"] if config.is_default else []),
        ]
        lines += ["  data_files:"]
        for split in config.splits:
            lines += [f"  - split: {split}", f"    path: {_quoted(f'{config.folder}/{split}*.jsonl')}"]
        if config.dataset in HAVE_NULLS:
            features += _features(config, category_names)
    if features:
        lines += ["dataset_info:", *features]
    return "\n".join([*lines, "---", "", ""])


def _configs(entry: DatasetEntry) -> Iterator[Config]:
    for config, rows in entry.configs.items():
        folder = "*" if config == DEFAULT_CONFIG else config
        yield Config(config, entry.name, f"data/{folder}", tuple(rows))


def _features(config: Config, category_names: tuple[str, ...]) -> Iterator[str]:
    """Told, since a reader that guesses types from the first rows may have seen nothing but null."""
    yield f"- config_name: {_quoted(config.name)}"
    yield "  features:"
    yield from yaml_features(schema_of(config.dataset, category_names), "  ")


def _quoted(text: str) -> str:
    """A YAML string; JSON's are such, and a config may be called "1e5" or "no"."""
    return orjson.dumps(text).decode()


def _opening(release: ReleaseFacts, entry: DatasetEntry) -> Iterator[str]:
    yield f"# {plain(release.project)}: {entry.name}"
    yield texts.CONTENT_WARNING
    yield texts.SUMMARIES[entry.name]
    yield (
        f"Release {release.number}, labels as of {plain(release.as_of)}, taxonomy "
        f"{plain(release.taxonomy_version)}, written by Evenhand {plain(release.code_version)}. "
        f"{texts.SHAPES[entry.name]}; texts and labels are this project's own."
    )
    yield (
        "```python\nfrom datasets import load_dataset\n\n"
        f'rows = load_dataset("{entry.name}", split="train")  # the path of this folder\n```'
    )


def _filters(release: ReleaseFacts) -> Iterator[str]:
    if release.filters:
        yield "## Filters"
        yield texts.FILTERED_SENTENCE
        yield bullets(plain(sentence) for sentence in filter_sentences(release.filters))


def _rows(entry: DatasetEntry) -> Iterator[str]:
    yield table(
        ("Configuration", *Split),
        ((f"`{config}`", *(rows.get(split, 0) for split in Split)) for config, rows in entry.configs.items()),
    )
    has_test = Split.TEST in entry.configs[DEFAULT_CONFIG]
    yield texts.SPLIT_SENTENCE if has_test else texts.ALL_TRAIN_SENTENCE
    yield texts.FORMATS_SENTENCE
    n_files = sum(file.format is FileFormat.JSON_LINES for file in entry.files)
    if entry.name in HAVE_NULLS and n_files > texts.FILES_DUCKDB_GUESSES_BY:
        yield texts.DUCKDB_SENTENCE.format(guessed_by=texts.FILES_DUCKDB_GUESSES_BY, n=n_files)
    if not {file.config for file in entry.files}.issubset({*entry.configs, DEFAULT_CONFIG}):
        yield texts.NO_OWN_CONFIG_SENTENCE


def _labels(release: ReleaseFacts, entry: DatasetEntry) -> Iterator[str]:
    yield "## How the labels were made"
    yield from texts.MADE_HOW[entry.name]
    yield bullets(plain(rule) for rule in release.consensus_rules)


def _statistics(entry: DatasetEntry) -> Iterator[str]:
    if entry.labels is not None or entry.counts or entry.pairs is not None:
        yield "## Statistics"
    if entry.labels is not None:
        yield from _label_statistics(entry.labels)
    if entry.counts:
        yield table(("Count", "Number"), entry.counts.items())
    if entry.pairs is not None:
        n_first = entry.pairs.n_first_better
        pairs = [("Response 0 is the better one", n_first, share(n_first, entry.n_rows))]
        if isinstance(entry.pairs, DualCounts):
            pairs += _dual_statistics(entry.pairs, entry.n_rows)
        yield table(("Pairs", "Number", "Share"), pairs)


def _label_statistics(labels: LabelCounts) -> Iterator[str]:
    total = labels.n_responses
    yield f"Labelled responses: {total:,}."
    levels = [("safe", labels.n_safe), ("unsafe", labels.n_unsafe)]
    levels += [(f"severity {severity}", n) for severity, n in labels.by_severity.items()]
    yield table(("Label", "Responses", "Share"), ((name, n, share(n, total)) for name, n in levels))
    yield table(
        ("Harm categories of a response", "Responses", "Share"),
        ((n, rows, share(rows, total)) for n, rows in labels.by_n_categories.items() if rows),
    )
    by_severity = labels.by_category_and_severity
    yield table(
        ("Harm category", "Responses", "Share", *(f"Severity {s}" for s in UNSAFE_SEVERITIES)),
        (
            (plain(name), n, share(n, total), *(by_severity[name][s] for s in UNSAFE_SEVERITIES))
            for name, n in labels.by_category.items()
        ),
    )


def _dual_statistics(counts: DualCounts, n_pairs: int) -> list[tuple[str, int, str]]:
    figures = (
        ("Response 0 is the safer one", counts.n_first_safer),
        ("The better and the safer response are different ones", counts.n_better_is_not_safer),
        ("Both responses are safe", counts.n_both_safe),
        ("One response is safe", counts.n_one_safe),
        ("No response is safe", counts.n_none_safe),
    )
    return [(name, n, share(n, n_pairs)) for name, n in figures]


def _agreement(release: ReleaseFacts) -> Iterator[str]:
    yield "## Agreement"
    if not release.agreement:
        yield "No agreement figures were computed for this release."
    for each in release.agreement:
        yield f"### {plain(each.queue)}"
        yield card_section(each.report).rstrip()


def _dropped(entry: DatasetEntry) -> Iterator[str]:
    yield texts.DROPPED_SENTENCE
    if entry.dropped:
        reasons = ((f"`{reason}`", REASON_SENTENCES[reason], n) for reason, n in entry.dropped.items())
        yield table(("Reason", "Meaning", "Rows"), reasons)
    yield f"Left out in all: {sum(entry.dropped.values()):,}."


def _fields(release: ReleaseFacts, entry: DatasetEntry) -> Iterator[str]:
    yield table(("Field", "Type", "Meaning"), FIELDS[entry.name])
    if entry.labels is not None or entry.name in HAVE_NULLS:
        yield f"The {len(release.category_names)} harm categories, in this order:"
        yield bullets(plain(name) for name in release.category_names)


def _length_limit(release: ReleaseFacts, entry: DatasetEntry) -> Iterator[str]:
    if entry.name in texts.PAIRED:
        n_tokens = release.reader_tokens
        yield (
            f"Every pair differs within the first {n_tokens - TEMPLATE_TOKENS:,} tokens of prompt and "
            f"response, estimated on the high side, so that a reader of {n_tokens:,} tokens sees it. "
            "Pairs with longer prompts are left out."
        )
