"""Adjudicators settle cases in their browsers, by mouse and by keyboard."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.models import User
from app.adjudication.answers import Answers
from app.adjudication.models import AdjudicationCase, CaseState, Decision
from app.db import transaction
from app.queues.models import QueueKind
from tests.adjudication import cases
from tests.answer import SAFE, harmful
from tests.browser import bench
from tests.browser.conftest import Visits

THIRD = cases.harmful(1, "Insulting Behavior")


def desk(*, is_blind: bool) -> User:
    """The adjudicator of one safety case: one annotator says safe, the other violent."""
    with transaction() as session:
        queue = cases.labelled_queue(session, [SAFE, harmful("Violence")], is_blind=is_blind)
        cases.opened(session, queue)
        return cases.adjudicator(session)


def take_next(page: Page) -> None:
    page.goto("/annotate")
    page.get_by_role("link", name="Adjudicate").click()
    page.get_by_role("button", name="Next case").click()
    expect(page.get_by_role("heading", name="Your decision")).to_be_visible()


def say_what_nobody_said(page: Page, *, by_keyboard: bool) -> None:
    bench.label(page, bench.Verdict(["Insulting Behavior"], 1), by_keyboard=by_keyboard)
    cause = page.get_by_role("radio", name="The item is ambiguous")
    if by_keyboard:
        page.get_by_role("radio", name="The guidelines are unclear").focus()
        bench.press(page, "ArrowDown", "ArrowDown")
        expect(cause).to_be_checked()
        bench.press(page, "Enter")
    else:
        cause.check()
        page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Your decision is stored.")).to_be_visible()


def outcome_is(answers: Answers) -> bool:
    with transaction() as session:
        case = session.scalars(select(AdjudicationCase)).one()
        return case.state == CaseState.DECIDED and case.outcome == answers


@pytest.mark.parametrize("by_keyboard", [True, False])
def test_a_third_answer_beside_those_of_the_annotators(visits: Visits, by_keyboard: bool) -> None:
    page = visits.page(desk(is_blind=False))
    take_next(page)
    expect(page.get_by_role("region", name="Annotator A")).to_contain_text("Safe")
    expect(page.get_by_role("region", name="Annotator B")).to_contain_text("Violence")
    say_what_nobody_said(page, by_keyboard=by_keyboard)
    assert outcome_is(THIRD)
    expect(page.get_by_text("nobody's answer")).to_be_visible()
    page.get_by_role("button", name="Keep it, and next case").click()
    expect(page.get_by_text("No case is left there for you")).to_be_visible()


@pytest.mark.parametrize("by_keyboard", [True, False])
def test_blind_at_first_and_changed_once_the_answers_are_seen(visits: Visits, by_keyboard: bool) -> None:
    page = visits.page(desk(is_blind=True))
    take_next(page)
    assert "Annotator A" not in page.content()
    say_what_nobody_said(page, by_keyboard=by_keyboard)
    take = page.get_by_role("button", name="Take the answer of annotator A")
    if by_keyboard:
        take.press("Enter")
    else:
        take.click()
    expect(page.get_by_role("radio", name="Safe")).to_be_checked()
    expect(page.get_by_role("radio", name="The item is ambiguous")).to_be_checked()
    assert outcome_is(THIRD)
    page.get_by_role("button", name="Store the new version").click()
    expect(page.get_by_text("until 2")).to_be_visible()
    assert outcome_is(cases.SAFE)
    with transaction() as session:
        decisions = session.scalars(select(Decision).order_by(Decision.id)).all()
        assert [(decision.is_blind, decision.is_third) for decision in decisions] == [
            (True, True),
            (False, False),
        ]


@pytest.mark.parametrize("with_scripts", [True, False])
def test_an_order_is_decided_with_and_without_scripts(visits: Visits, with_scripts: bool) -> None:
    with transaction() as session:
        orders = [1, 2, 3], [3, 2, 1]
        queue = cases.ranked_queue(session, *orders, kind=QueueKind.SINGLE, is_blind=False)
        cases.opened(session, queue)
        person = cases.adjudicator(session)
    page = visits.page(person, java_script_enabled=with_scripts)
    take_next(page)
    page.get_by_role("button", name="Take the answer of annotator B").click()
    expect(
        page.get_by_role("group", name="Rank of response A").get_by_role("radio", name="3")
    ).to_be_checked()
    page.get_by_role("group", name="Rank of response B").get_by_role("radio", name="1").check()
    page.get_by_role("radio", name="A matter of taste").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Your decision is stored.")).to_be_visible()
    assert outcome_is({"single": {"ranks": [2, 1, 1]}})
