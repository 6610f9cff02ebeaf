"""What an import says about its texts: garbled, empty, nearly the same, in which languages."""

from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.items import intake
from app.items.actions import run_import, start_import
from app.items.models import Import, ItemKind, Response
from app.items.options import ImportOptions
from app.items.report import first_problems
from app.items.similar import MOST_COMPARED
from app.items.texts.garbled import Garbled, why_garbled
from app.items.texts.languages import SAMPLE, LanguageSample, identifier, language_of
from app.items.texts.likeness import Compared, likeness
from app.items.texts.words import words_of
from app.projects.models import Project
from tests import make
from tests.items.samples import (
    bring_in,
    item_texts,
    json_lines,
    labels,
    no_progress,
    pku_pair,
    plain,
    report_rows,
)

CHINESE = "狭长的海湾两岸陡峭由冰川形成后来被海水淹没"
FJORD = (
    "A fjord is a long and narrow inlet of the sea with steep sides, which a glacier made in the last ice"
    " age, and which the water filled once the ice was gone."
)
NEARLY = FJORD.replace("narrow", "slender")
OTHER = (
    "A sound is wider than a fjord, and it was made when the sea flooded a river's valley, so it has rather"
    " gentle sides and is not as deep as what ice would have left behind."
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NaN", Garbled.MISSING),
        ("what\ufffd", Garbled.REPLACED),
        ("caf\u00c3\u00a9 au lait", Garbled.MOJIBAKE),
        ("don\u00e2\u20ac\u2122t", Garbled.MOJIBAKE),
        ("\u00e4\u00b8\u00ad\u00e6\u2013\u2021", Garbled.MOJIBAKE),
        ("bell\x07", Garbled.CONTROL),
        ("\x9b31m", Garbled.CONTROL),
        ("#$%&*()!@" * 5, Garbled.SYMBOLS),
        (b64encode(bytes(range(200))).decode(), Garbled.ENCODED),
        ("no " * 40, Garbled.REPEATED),
        ("哈" * 70, Garbled.REPEATED),
        ("Plain text, with a tab\tand\r\nlines.", None),
        ("São João, Ñandú, Âncora, café «ici», Привет, как дела?", None),
        ("中文文本没有空格" * 3, None),
        ("| a | b |\n|---|---|\n| 1 | 2 |", None),
        ("https://example.org/" + "/".join(str(n * n) for n in range(60)), None),
        (sha256(b"").hexdigest() * 2, Garbled.ENCODED),
        ("No. No! Never.", None),
    ],
)
def test_a_garbled_text_is_told_by_its_reason(text: str, reason: Garbled | None) -> None:
    assert why_garbled(text, words_of(text)) == reason


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        (FJORD, FJORD.upper() + "!", 1, 1),
        (FJORD, NEARLY, 0.85, 0.95),
        (FJORD, OTHER, 0, 0),
        (FJORD, FJORD[:70], 0, 0),
        ("Yes.", "yes", 1, 1),
        ("Yes.", "No.", 0, 0),
        ("?", "!", 0, 0),
        (
            CHINESE,
            CHINESE + "了。",
            0.8,
            1,
        ),
    ],
)
def test_likeness_is_the_share_of_shingles_in_common(one: str, other: str, least: float, most: float) -> None:
    assert least <= likeness(Compared(one), Compared(other), 0.8) <= most
    assert likeness(Compared(other), Compared(one), 0.8) == likeness(Compared(one), Compared(other), 0.8)


@pytest.mark.parametrize(("text", "code"), [(FJORD, "en"), (CHINESE, "zh"), ("12, 7", "und")])
def test_a_language_is_told_where_it_can_be(text: str, code: str) -> None:
    assert language_of(text) == code


@pytest.mark.parametrize("text", [FJORD, CHINESE, "Ein Fjord ist ein Meeresarm.", "12, 7", "", "🙂"])
def test_the_model_says_what_its_package_says(text: str) -> None:
    """We read its file in our own way, for the sake of memory."""
    assert identifier().classify(text) == packaged_identifier().classify(text)


@lru_cache(maxsize=1)
def packaged_identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def test_the_same_texts_are_sampled_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.items.texts.languages.language_of", lambda text: text)
    one, other = LanguageSample(), LanguageSample()
    texts = [(str(n), n.to_bytes(32)) for n in range(3 * SAMPLE)]
    for text, digest in texts + texts:
        one.add(text, digest)
    for text, digest in reversed(texts):
        other.add(text, digest)
    assert set(one.counted()) == set(other.counted()) == {(str(n), 1) for n in range(SAMPLE)}


def outcomes(import_: Import) -> list[str]:
    return [problem["outcome"] for problem in first_problems(import_.id, 9)]


def bring_in_without_similar(session: Session, project: Project, content: bytes, home: Path) -> Import:
    path = home / "rows.jsonl"
    path.write_bytes(content)
    options = ImportOptions(leave_out_similar=0.8)
    started = start_import(session, project.id, path.name, len(content), options=options)
    assert run_import(session, started.id, path, no_progress)
    session.expire_all()
    return started


def test_an_import_counts_what_it_found_and_warns(session: Session, home: Path) -> None:
    rows = [
        plain(response=FJORD),
        plain(response="caf\u00c3\u00a9"),
        plain(response=" "),
        plain(response=NEARLY),
    ]
    done = bring_in(session, make.project(session), json_lines(rows), home)
    assert done.findings == {
        "garbled": {"UTF-8 read as another encoding": {"n": 1, "examples": ["2"]}},
        "empty": {"n": 1, "examples": ["3"]},
        "similar": {"n": 1, "examples": ["4"], "n_left_out": 0},
        "languages": {"counts": [["en", 3], ["und", 1]], "n_sampled": 4},
    }
    assert done.n_new_qa_pairs == 3
    assert report_rows(done)[1:] == [
        (2, "warning", "response", "looks garbled: UTF-8 read as another encoding"),
        (4, "warning", "response", "nearly the same as a response on line 1 (similarity 0.86)"),
    ]


@pytest.mark.parametrize("batch_rows", [1, 100])
def test_similar_responses_are_left_out_by_choice(
    session: Session, home: Path, monkeypatch: pytest.MonkeyPatch, batch_rows: int
) -> None:
    """Also where the one that is kept is stored already; an equal one is no near-duplicate."""
    monkeypatch.setattr(intake, "BATCH_ROWS", batch_rows)
    rows = [
        plain(response=FJORD),
        plain(response=FJORD),
        plain(response=NEARLY),
        plain(response=NEARLY, prompt="Describe a fjord."),
        plain(response=OTHER),
    ]
    done = bring_in_without_similar(session, make.project(session), json_lines(rows), home)
    assert item_texts(session, ItemKind.QA_PAIR) == [[FJORD], [NEARLY], [OTHER]]
    assert (done.findings or {})["similar"] == {"n": 1, "examples": ["3"], "n_left_out": 1}
    reason = "nearly the same as a response on line 1 (similarity 0.86); left out"
    assert report_rows(done) == [(3, "warning", "response", reason)]
    assert (done.n_known, outcomes(done)) == (1, ["left out"])


def test_a_response_of_an_earlier_import_counts_too(session: Session, home: Path) -> None:
    project = make.project(session)
    bring_in(session, project, json_lines([plain(response=FJORD)]), home)
    done = bring_in_without_similar(session, project, json_lines([plain(response=NEARLY)]), home)
    assert (done.state, done.n_new_qa_pairs) == ("done", 0)
    assert "a response of an earlier import" in report_rows(done)[0][3]


@pytest.mark.parametrize(("n_between", "n_similar"), [(MOST_COMPARED - 1, 1), (MOST_COMPARED, 0)])
def test_of_what_is_stored_the_newest_are_compared(
    session: Session, home: Path, n_between: int, n_similar: int
) -> None:
    project = make.project(session)
    others = [plain(response=sha256(bytes([n])).hexdigest()) for n in range(n_between)]
    bring_in(session, project, json_lines([plain(response=FJORD), *others]), home)
    done = bring_in(session, project, json_lines([plain(response=NEARLY)]), home)
    assert (done.findings or {})["similar"]["n"] == n_similar


def test_the_report_says_whether_the_row_is_left_out_or_a_response_of_it(
    session: Session, home: Path
) -> None:
    """Where it is the row, all that was told of it says so."""
    project = make.project(session)
    rows = [plain(response=FJORD), plain(response=NEARLY + " caf\u00c3\u00a9")]
    done = bring_in_without_similar(session, project, json_lines(rows), home)
    assert (len(report_rows(done)), outcomes(done)) == (2, ["left out"] * 2)
    pair = json_lines([pku_pair(response_0=FJORD, response_1=NEARLY)])
    for n_known, outcome in ((0, "imported"), (1, "merged with what is there")):
        done = bring_in_without_similar(session, project, pair, home)
        assert (done.n_known, outcomes(done)) == (n_known, [outcome] * 3)


def test_labels_follow_and_preferences_go_where_a_response_is_left_out(session: Session, home: Path) -> None:
    pair = pku_pair(response_0=FJORD, response_1=NEARLY)
    done = bring_in_without_similar(session, make.project(session), json_lines([pair]), home)
    assert (done.n_new_qa_pairs, done.n_new_response_sets) == (1, 0)
    assert [(kind, dimension, answer["is_safe"]) for kind, dimension, answer in labels(session)] == [
        ("qa_pair", "safety", True)
    ]
    assert [entry[2] for entry in report_rows(done)] == ["response 2 of 2", "helpfulness", "harmlessness"]
    assert [text for (text,) in session.execute(select(Response.text))] == [FJORD]


def test_a_set_of_three_keeps_two(session: Session, home: Path) -> None:
    row = {"prompt": "What is a fjord?", "responses": [FJORD, NEARLY, OTHER]}
    bring_in_without_similar(session, make.project(session), json_lines([row]), home)
    assert item_texts(session, ItemKind.RESPONSE_SET) == [[FJORD, OTHER]]
