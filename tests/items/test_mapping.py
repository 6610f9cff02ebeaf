"""Columns that someone told: rows of no known shape become items, and the next file needs no telling."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.items.actions import run_import, start_import
from app.items.deciding import forget_mapping
from app.items.fields import FieldMap, WronglyTold, field_map
from app.items.files.records import FileRefused
from app.items.forms import likely_use, maps_posted
from app.items.mapping import checked, completed, read_mapped
from app.items.models import Import, ImportMapping, ImportState, ItemKind
from app.items.preview import columns_in
from app.items.rows import BadRow, JsonObject, Row, Safety
from app.items.vocabularies import HARM_CATEGORY_KEYS, PKU_ALONE
from app.projects.models import Project
from tests import make
from tests.items.formats import by_hand
from tests.items.samples import bring_in, harm, item_texts, json_lines, labels, no_progress, report_rows

MAPS = ["prompt=question", "response=answer"]
ASKED: JsonObject = {"question": "Is it late?", "answer": "No.", "id": 7}


def told(*options: str) -> list[FieldMap]:
    return checked([field_map(option) for option in options])


def read(row: JsonObject, *options: str) -> Row:
    return read_mapped(told(*options), HARM_CATEGORY_KEYS, row)


def import_told(
    session: Session, project: Project, content: bytes, home: Path, *options: str, only_checks: bool = False
) -> Import:
    path = home / "told.jsonl"
    path.write_bytes(content)
    size = len(content)
    started = start_import(session, project.id, path.name, size, only_checks=only_checks, maps=told(*options))
    assert run_import(session, started.id, path, no_progress)
    session.expire_all()
    return started


def test_one_response_with_its_label_and_sources() -> None:
    row = {
        "q": "Is it late?",
        "a": "No.",
        "ok": "toxic",
        "level": "2",
        "of": "model-a",
        "why": "Violence; Drugs",
    }
    read_row = read(
        row,
        *("prompt=q", "response=a", "response_source=of"),
        *("is_safe=ok:fine|good", "severity_level=level", "harm_category=why"),
    )
    assert (read_row.prompt.text, read_row.responses[0].text, read_row.responses[0].source) == (
        *("Is it late?", "No.", "model-a"),
    )
    assert read_row.safety == (Safety(False, ("Drugs", "Violence"), 2),)


def test_several_responses_are_numbered_and_one_may_be_missing() -> None:
    options = ["prompt=q", "response_0=a", "response_1=b", "response_2=c"]
    row = {"q": "Why?", "a": "A", "b": None, "c": "C", "best": "third", "safest": "first"}
    best = "best:first=0,second=1,third=2"
    dual = read(row, *options, f"better_response_id={best}", "safer_response_id=safest:first=0,third=2")
    assert [text.text for text in dual.responses] == ["A", "C"]
    assert dual.preferences == (("helpfulness", 1), ("harmlessness", 0))
    assert read(row, *options, f"better_response_id={best}").preferences == (("single", 1),)
    with pytest.raises(BadRow, match="must be the number of one of the responses, 0, 2") as bad:
        read(row | {"best": "second"}, *options, f"better_response_id={best}")
    assert bad.value.field == "best"


def test_labels_of_several_responses_count_if_each_has_one() -> None:
    options = ["prompt=q", "response_0=a", "response_1=b", "is_response_0_safe=x", "is_response_1_safe=y"]
    row: JsonObject = {"q": "Why?", "a": "A", "b": "B", "x": True, "y": "false"}
    assert read(row, *options).safety == (Safety(True), Safety(False))
    partly = read(row | {"y": None}, *options)
    assert (partly.safety, len(partly.warnings)) == ((), 1)


def test_a_list_of_responses_in_a_cell() -> None:
    assert len(read({"q": "Why?", "all": '["A", "B"]'}, "prompt=q", "responses=all").responses) == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["response=a"], "No column is told to be the prompt"),
        (["prompt=q"], "No column is told to be a response"),
        (["prompt=q", "response=a", "response_0=b"], "Tell one column as response"),
        (["prompt=q", "prompt=r", "response=a"], "Two columns are told to be the field prompt"),
        (["prompt=q", "response=a", "mood=m"], "There is no field mood"),
        (["prompt=q", "responses=a", "is_safe=s"], "The field is_safe is told, but not the response"),
        (["prompt=q", "response=a", "better_response_id=s"], "better_response_id is told, but not"),
        (["prompt=q", "response_0=a", "response_1_source=s"], "response_1_source is told, but not"),
    ],
)
def test_what_makes_no_item_is_refused(options: list[str], sentence: str) -> None:
    with pytest.raises(WronglyTold, match=sentence):
        told(*options)


def test_columns_with_our_names_need_no_telling() -> None:
    maps = completed([field_map("prompt=q")], ["q", "prompt_source", "response", "is_safe", "id"])
    assert [(each.ours, each.theirs) for each in maps[1:]] == [
        (name, name) for name in ("prompt_source", "response", "is_safe")
    ]
    assert len(completed([field_map("prompt=q"), field_map("response_0=a")], ["q", "a", "response"])) == 2


def test_a_file_is_read_as_told_and_reported_in_its_own_names(session: Session, home: Path) -> None:
    rows = [ASKED, ASKED | {"question": ""}, ASKED | {"answer": 5}]
    done = import_told(session, make.project(session), json_lines(rows), home, *MAPS)
    assert (done.state, done.shape, done.n_new_qa_pairs) == (ImportState.DONE, "columns as told", 1)
    assert report_rows(done) == [
        (2, "error", "question", "is missing"),
        (3, "error", "answer", "must be a string, not a number"),
    ]


def test_what_was_told_is_remembered_for_the_same_columns_until_it_is_forgotten(
    session: Session, home: Path
) -> None:
    project = make.project(session)
    labelled = [*MAPS, "is_safe=harm:none"]
    rows = [ASKED | {"harm": "none"}, ASKED | {"answer": "Yes.", "harm": "much"}]
    checked_ = import_told(session, project, json_lines(rows), home, *labelled, only_checks=True)
    assert checked_.state == ImportState.CHECKED
    other_order = by_hand([dict(reversed(row.items())) for row in rows], ",")
    done = bring_in(session, project, other_order, home)
    assert (done.state, done.mapping, done.n_new_qa_pairs) == (ImportState.DONE, checked_.mapping, 2)
    assert labels(session) == [
        ("qa_pair", "safety", {"is_safe": True}),
        ("qa_pair", "safety", {"is_safe": False}),
    ]
    assert bring_in(session, make.project(session), other_order, home).state == ImportState.FAILED
    assert bring_in(session, project, json_lines([ASKED]), home).state == ImportState.FAILED
    kept = session.scalars(select(ImportMapping)).one()
    forget_mapping(session, make.project(session).id, kept.id)
    assert bring_in(session, project, other_order, home).state == ImportState.DONE
    forget_mapping(session, project.id, kept.id)
    assert bring_in(session, project, other_order, home).state == ImportState.FAILED


def test_told_anew_it_is_remembered_anew_and_a_file_of_no_use_teaches_nothing(
    session: Session, home: Path
) -> None:
    project = make.project(session)
    useless = import_told(session, project, json_lines([ASKED]), home, "prompt=question", "response=id")
    assert useless.state == ImportState.FAILED
    assert session.scalars(select(ImportMapping)).all() == []
    import_told(session, project, json_lines([ASKED]), home, "prompt=answer", "response=question")
    import_told(session, project, json_lines([ASKED]), home, *MAPS)
    assert session.scalars(select(ImportMapping)).one().maps == [
        ["prompt", "question", None, None],
        ["response", "answer", None, None],
    ]
    assert item_texts(session, ItemKind.QA_PAIR) == [["Is it late?"], ["No."]]


def test_the_form_says_in_turn_what_belongs_to_which_response() -> None:
    names = ["q", "a", "a model", "b", "b model", "best", "id"]
    uses = ["prompt", "response", "response_source", "response", "response_source", "better_response_id", "x"]
    posted = {f"use_{place}": use for place, use in enumerate(uses)} | {"response_values": "A | B"}
    assert maps_posted(names, posted) == [
        *(FieldMap("prompt", "q"), FieldMap("response_0", "a"), FieldMap("response_1", "b")),
        *(FieldMap("response_0_source", "a model"), FieldMap("response_1_source", "b model")),
        FieldMap("better_response_id", "best", {"A": 0, "B": 1}),
    ]
    posted = {"use_0": "prompt", "use_1": "response", "use_2": "is_safe", "safe_values": "ok"}
    assert maps_posted(names, posted)[2] == FieldMap("is_safe", "a model", {"ok": True}, otherwise=False)


def test_names_that_tell_are_chosen_beforehand() -> None:
    likely = {name: likely_use(name) for name in ("Question", "answer_b", "response_1", "is_safe", "id")}
    assert likely == {
        "Question": "prompt",
        "answer_b": "response",
        "response_1": "response",
        "is_safe": "is_safe",
        "id": None,
    }


def test_the_columns_of_a_file_are_shown_with_their_first_values(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [{"a": "one", "b": None}, {"a": {"x": 1}, "c": "long " * 1_000}, {"b\0": 1}]
    path.write_bytes(b"oops\n" + json_lines(rows))
    columns = columns_in(path, PKU_ALONE)
    assert [(name, [value[:9] for value in values]) for name, values in columns] == [
        ("a", ["one", '{"x":1}']),
        ("b", []),
        ("c", ["long long"]),
    ]
    assert len(columns[2].values[0]) == 1_000
    with pytest.raises(FileRefused):
        columns_in(tmp_path / "gone", PKU_ALONE)


def test_categories_may_be_an_object_or_a_list() -> None:
    for value in (harm("Violence"), ["Violence"], "Violence"):
        row = read({"q": "Why?", "a": "A", "c": value}, "prompt=q", "response=a", "harm_category=c")
        assert row.safety[0] == Safety(False, ("Violence",))
