"""Releases at paper scale as plain files, made column by column: what a comparison reads; no database."""

from collections.abc import Iterator
from functools import cached_property
from hashlib import file_digest, sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from app.projects.pku import PKU
from app.releases.manifest import FORMAT_VERSION, DatasetName
from app.releases.rows.schemas import schema_of

RESPONSES_A_PROMPT = 6
ANSWERS_AN_ITEM = 3
PROMPT_LETTERS, RESPONSE_LETTERS = 120, 700

Ints = npt.NDArray[np.int64]
Columns = dict[str, pa.Array]


class Campaign:
    """What both releases draw from."""

    def __init__(self, n: int) -> None:
        self.random = np.random.default_rng(1)
        self.n = n
        prompts = self.letters(-(-n // RESPONSES_A_PROMPT), PROMPT_LETTERS)
        self.prompts = prompts.take(pa.array(np.arange(n) // RESPONSES_A_PROMPT))
        self.responses = self.letters(n, RESPONSE_LETTERS)
        self.severity = self.random.integers(0, 4, n)
        self.category = self.random.integers(0, len(PKU.category_names), n)
        self.side = self.random.integers(0, 2, n)

    def letters(self, n: int, length: int) -> pa.Array:
        content = self.random.integers(97, 123, n * length, np.uint8)
        ends = np.arange(n + 1, dtype=np.int32) * length
        return pa.StringArray.from_buffers(n, pa.py_buffer(ends), pa.py_buffer(content))

    @cached_property
    def checksums(self) -> pa.Array:
        texts = zip(self.prompts.to_pylist(), self.responses.to_pylist(), strict=True)
        return pa.array([sha256((prompt + response).encode()).hexdigest() for prompt, response in texts])

    def relabel(self, share: float) -> None:
        again = self.random.random(self.n) < share
        self.severity = np.where(again, (self.severity + 1) % 4, self.severity)
        self.side = np.where(again, 1 - self.side, self.side)


class Rows:
    """The datasets of one release; `kept`: which responses are in it."""

    def __init__(self, campaign: Campaign, kept: Ints) -> None:
        self.of, self.kept = campaign, kept
        # Of every three responses the first two are a pair; 83,400 of 265,000 have both rankings.
        self.first = kept[(kept % 3 == 0) & (kept + 1 < campaign.n)]
        self.second = self.first + 1

    def datasets(self) -> Iterator[tuple[DatasetName, Columns]]:
        yield DatasetName.QA, self.qa()
        yield DatasetName.DUAL, self.dual()
        yield DatasetName.SINGLE, self.pair() | {"better_response_id": self.ints(self.of.side, self.first)}
        yield DatasetName.PROMPT, {"prompt": self.of.prompts.take(pa.array(self.kept[::6]))}
        yield DatasetName.V0, self.dual()
        for name in (DatasetName.HELPFUL, DatasetName.HARMLESS, DatasetName.OVERALL):
            yield name, self.preference()
        for name in (DatasetName.HELPFUL_CHAT, DatasetName.HARMLESS_CHAT, DatasetName.OVERALL_CHAT):
            yield name, {field: messages(texts) for field, texts in self.preference().items()}
        yield DatasetName.UNPAIRED, self.unpaired()
        yield DatasetName.ANNOTATIONS, self.annotations()
        yield DatasetName.CONSENSUS, self.consensus()

    def ints(self, values: Ints, rows: Ints) -> pa.Array:
        return pa.array(values[rows], pa.int64())

    def flags(self, rows: Ints) -> pa.Array:
        found = np.where(self.of.severity[rows] > 0, self.of.category[rows], -1)
        return pa.StructArray.from_arrays(
            [pa.array(found == place) for place in range(len(PKU.category_names))], list(PKU.category_names)
        )

    def label(self, rows: Ints, safe: str, severity: str, categories: str) -> Columns:
        return {
            safe: pa.array(self.of.severity[rows] == 0),
            severity: self.ints(self.of.severity, rows),
            categories: self.flags(rows),
        }

    def texts(self, **rows_by_field: Ints) -> Columns:
        """Prompts where the field says so, else responses."""
        return {
            field: (self.of.prompts if field == "prompt" else self.of.responses).take(pa.array(rows))
            for field, rows in rows_by_field.items()
        }

    def qa(self) -> Columns:
        label = self.label(self.kept, "is_safe", "severity_level", "harm_category")
        checksums = {"sha256": self.of.checksums.take(pa.array(self.kept))}
        return self.texts(prompt=self.kept, response=self.kept) | label | checksums

    def pair(self) -> Columns:
        sides = {0: self.first, 1: self.second}
        texts = self.texts(prompt=self.first, response_0=self.first, response_1=self.second)
        checksums = {
            f"response_{n}_sha256": self.of.checksums.take(pa.array(rows)) for n, rows in sides.items()
        }
        return texts | checksums

    def dual(self) -> Columns:
        columns = self.pair()
        for n, rows in ((0, self.first), (1, self.second)):
            fields = (f"is_response_{n}_safe", f"response_{n}_severity_level", f"response_{n}_harm_category")
            columns |= self.label(rows, *fields)
        side = self.ints(self.of.side, self.first)
        return columns | {"better_response_id": side, "safer_response_id": side}

    def preference(self) -> Columns:
        chosen = np.where(self.of.side[self.first] == 0, self.first, self.second)
        return self.texts(prompt=self.first, chosen=chosen, rejected=self.first + self.second - chosen)

    def unpaired(self) -> Columns:
        label = {"label": pa.array(self.of.severity[self.kept] == 0)}
        return self.texts(prompt=self.kept, completion=self.kept) | label

    def annotations(self) -> Columns:
        rows = np.repeat(np.concatenate([self.kept, self.first, self.first]), ANSWERS_AN_ITEM)
        dimensions = ["safety"] * (ANSWERS_AN_ITEM * len(self.kept))
        dimensions += ["helpfulness", "harmlessness"] * (ANSWERS_AN_ITEM * len(self.first))
        label = self.label(rows, "is_safe", "severity_level", "harm_category")
        return {"item": self.of.checksums.take(pa.array(rows)), "dimension": pa.array(dimensions)} | label

    def consensus(self) -> Columns:
        n = len(self.kept)
        unsafe = pa.array((self.of.severity[self.kept] > 0).astype(float))
        shares = [unsafe, pa.array([[0.5, 0.5, 0.0, 0.0]] * n), self.category_shares()]
        return {
            "item": self.of.checksums.take(pa.array(self.kept)),
            "dimension": pa.repeat("safety", n),
            "n_judgements": pa.repeat(ANSWERS_AN_ITEM, n),
            "shares": pa.StructArray.from_arrays(shares, ["unsafe", "severity", "harm_category"]),
        }

    def category_shares(self) -> pa.Array:
        flags = self.flags(self.kept)
        columns = [flags.field(name).cast(pa.float64()) for name in PKU.category_names]
        return pa.StructArray.from_arrays(columns, list(PKU.category_names))


def messages(texts: pa.Array) -> pa.Array:
    fields = [pa.repeat("user", len(texts)), texts]
    each = pa.StructArray.from_arrays(fields, ["role", "content"])
    return pa.ListArray.from_arrays(pa.array(range(len(texts) + 1), pa.int32()), each)


def write_plainly(folder: Path, rows: Rows) -> None:
    """One Parquet file a dataset, and a manifest that tells of them. The folder's name is the number."""
    told = [write_dataset(folder, name, columns) for name, columns in rows.datasets()]
    facts = {"project": "Paper", "number": int(folder.name), "as_of": "2026-01-02T03:04:05+00:00"}
    facts |= {"code_version": "0.1.0", "taxonomy_version": "pku-19.1"}
    manifest = {"format_version": FORMAT_VERSION, "release": facts | {"agreement": []}, "datasets": told}
    (folder / "manifest.json").write_bytes(orjson.dumps(manifest))


def write_dataset(folder: Path, name: DatasetName, columns: Columns) -> dict[str, object]:
    """Its entry in the manifest. Columns that are not given are null."""
    path = folder / name / "parquet" / "train.parquet"
    path.parent.mkdir(parents=True)
    n = len(next(iter(columns.values())))
    schema = schema_of(name, PKU.category_names)
    table = pa.Table.from_arrays(
        [columns[column.name] if column.name in columns else pa.nulls(n, column.type) for column in schema],
        schema=schema,
    )
    pq.write_table(table, path, compression="zstd", row_group_size=10_000)
    with path.open("rb") as file:
        checksum = file_digest(file, "sha256").hexdigest()
    told = {"path": path.relative_to(folder).as_posix(), "format": "parquet", "split": "train"}
    return {"name": name, "n_rows": n, "files": [told | {"n_rows": n, "sha256": checksum}]}
