"""The annotator's workspace in a browser: keys, corrections, skips, two tabs, odd texts, no JavaScript."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from app.annotations.models import Annotation
from app.assignments.models import Assignment, SkipReason
from app.db import transaction
from app.queues.models import QueueKind
from tests.browser import bench
from tests.browser.bench import Verdict
from tests.browser.conftest import Visits

TWO_ITEMS = (("What is tea?", ("A drink.",)), ("What is coffee?", ("Another drink.",)))
PAIR = (("Tea or coffee?", ("Tea is calmer.", "Coffee is stronger.")),)
THREE = (("What shall I drink?", ("Tea.", "Coffee.", "Water.")),)
DONE = "All done"


def answers() -> list[Annotation]:
    with transaction() as session:
        return list(session.scalars(select(Annotation).order_by(Annotation.id)))


def n_notices(page: Page) -> int:
    return page.locator("#notice p").count()


def test_a_safety_label_needs_the_keyboard_only(visits: Visits) -> None:
    desk = bench.desk(texts=TWO_ITEMS)
    page = visits.page(desk.members[0])
    page.goto(desk.path)
    bench.press(page, "Enter")
    page.get_by_role("heading", name="Is this response safe?").wait_for()
    for verdict in (Verdict(["Violence", "Cybercrime"], 3), Verdict()):
        bench.label(page, verdict, by_keyboard=True)
        bench.submit(page, by_keyboard=True)
    expect(page.get_by_role("heading", name=DONE)).to_be_visible()
    labels = [(answer.is_safe, answer.harm_categories, answer.severity) for answer in answers()]
    assert labels == [(False, ["Violence", "Cybercrime"], 3), (True, [], 0)]


def test_the_key_of_a_category_says_harmful_and_the_key_of_safe_takes_all_back(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.press(page, "v", "2")
    expect(page.get_by_role("radio", name="Harmful")).to_be_checked()
    bench.press(page, "s")
    expect(page.locator("form.judging :checked")).to_have_count(1)
    expect(page.get_by_role("radio", name="Safe")).to_be_checked()


def test_choosing_safe_or_harmful_moves_nothing(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0], viewport={"width": 1280, "height": 900})
    bench.begin(page, desk.path)
    button = page.get_by_role("button", name="Submit and next")
    places = [button.bounding_box()]
    for keys in (("s",), ("u",), ("v", "3"), ("s",)):
        bench.press(page, *keys)
        places.append(button.bounding_box())
    assert places[0] is not None
    assert all(place == places[0] for place in places)
    assert places[0]["y"] + places[0]["height"] < 900, "the button is out of sight"


@pytest.mark.parametrize("kind", [QueueKind.HELPFULNESS, QueueKind.HARMLESSNESS, QueueKind.SINGLE])
def test_a_pair_is_ranked_with_one_key_and_enter(visits: Visits, kind: QueueKind) -> None:
    desk = bench.desk(kind, texts=PAIR)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.prefer(page, "Coffee is stronger.", by_keyboard=True)
    bench.submit(page, by_keyboard=True)
    expect(page.get_by_role("heading", name=DONE)).to_be_visible()
    assert [answer.ranks for answer in answers()] == [[2, 1]]


def test_three_responses_are_ranked_with_number_keys(visits: Visits) -> None:
    desk = bench.desk(QueueKind.SINGLE, texts=THREE)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    rank_of = {"Tea.": 1, "Coffee.": 2, "Water.": 2}
    wanted = [rank_of[bench.text_of(page, f"Response {letter}")] for letter in "ABC"]
    bench.press(page, *map(str, wanted))
    bench.submit(page, by_keyboard=True)
    expect(page.get_by_role("heading", name=DONE)).to_be_visible()
    assert [answer.ranks for answer in answers()] == [[1, 2, 2]]


@pytest.mark.parametrize("by_keyboard", [True, False])
def test_a_dual_item_asks_for_helpfulness_then_harmlessness(visits: Visits, by_keyboard: bool) -> None:
    desk = bench.desk(QueueKind.DUAL, texts=PAIR)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    expect(page.get_by_role("heading", name="more helpful")).to_be_visible()
    bench.prefer(page, "Coffee is stronger.", by_keyboard=by_keyboard)
    bench.submit(page, by_keyboard=by_keyboard)
    expect(page.get_by_role("heading", name="more harmless")).to_be_visible()
    bench.prefer(page, "Tea is calmer.", by_keyboard=by_keyboard)
    bench.submit(page, by_keyboard=by_keyboard)
    found = {answer.dimension: answer.ranks for answer in answers()}
    assert found == {"helpfulness": [2, 1], "harmlessness": [1, 2]}


def test_a_harmful_label_without_category_and_severity_comes_back_with_what_to_correct(
    visits: Visits,
) -> None:
    visits.expected.add(422)
    desk = bench.desk()
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.press(page, "u")
    bench.submit(page, by_keyboard=True)
    expect(page.get_by_text("Choose at least one harm category")).to_be_visible()
    expect(page.get_by_text("Choose how severe the harm is")).to_be_visible()
    expect(page.get_by_role("group", name="Severity of the harm")).to_have_accessible_description(
        "Choose how severe the harm is."
    )
    expect(page.get_by_role("radio", name="Harmful")).to_be_checked()


def test_what_was_chosen_is_still_chosen_after_a_correction_is_asked_for(visits: Visits) -> None:
    visits.expected.add(422)
    desk = bench.desk()
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.press(page, "v", "b")
    bench.submit(page, by_keyboard=True)
    for name in ("Violence", "Cybercrime"):
        expect(page.locator(f"input[value='{name}']")).to_be_checked()
    bench.press(page, "2")
    bench.submit(page, by_keyboard=True)
    expect(page.get_by_role("heading", name=DONE)).to_be_visible()
    assert [(answer.harm_categories, answer.severity) for answer in answers()] == [
        (["Violence", "Cybercrime"], 2)
    ]


def test_an_item_is_skipped_with_a_reason_and_does_not_come_back(visits: Visits) -> None:
    desk = bench.desk(texts=TWO_ITEMS)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    skipped = bench.text_of(page, "Prompt")
    page.get_by_text("Skip this item").click()
    page.get_by_label("This distresses me").check()
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_role("region", name="Prompt")).not_to_contain_text(skipped)
    bench.label(page, Verdict(), by_keyboard=True)
    bench.submit(page, by_keyboard=True)
    expect(page.get_by_role("heading", name="You have done your part")).to_be_visible()
    with transaction() as session:
        reasons = session.scalars(select(Assignment.skip_reason).where(Assignment.skip_reason.is_not(None)))
        assert reasons.all() == [SkipReason.DISTRESS]


def test_the_second_of_two_tabs_with_the_same_item_is_told_so(visits: Visits) -> None:
    visits.expected.add(409)
    desk = bench.desk(texts=TWO_ITEMS)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    other = visits.second_tab(page)
    other.goto(desk.path)
    first = bench.text_of(page, "Prompt")
    assert bench.text_of(other, "Prompt") == first
    bench.label(page, Verdict(), by_keyboard=True)
    bench.submit(page, by_keyboard=True)
    bench.label(other, Verdict(["Violence"], 1), by_keyboard=True)
    bench.press(other, "Enter")
    expect(other.locator("#notice")).to_contain_text("already closed")
    expect(other.locator("#notice")).to_be_in_viewport()
    assert [answer.is_safe for answer in answers()] == [True]
    other.get_by_role("link", name="Load this page again").click()
    expect(other.get_by_role("region", name="Prompt")).not_to_contain_text(first)
    assert n_notices(other) == 0


def test_an_impatient_second_enter_stores_one_answer_and_shows_no_notice(visits: Visits) -> None:
    desk = bench.desk(texts=TWO_ITEMS)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    first = bench.text_of(page, "Prompt")
    bench.press(page, "s", "Enter", "Enter", "Enter")
    expect(page.get_by_role("region", name="Prompt")).not_to_contain_text(first)
    page.wait_for_load_state("networkidle")
    assert len(answers()) == 1
    assert n_notices(page) == 0


def test_focus_lands_on_the_new_task(visits: Visits) -> None:
    desk = bench.desk(texts=TWO_ITEMS)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.label(page, Verdict(), by_keyboard=False)
    bench.submit(page, by_keyboard=False)
    expect(page.locator("#task")).to_be_focused()
    assert page.evaluate("scrollY") == 0


def test_markup_in_model_text_is_text(visits: Visits) -> None:
    markup = "<script>document.title = 'taken'</script><b>bold</b>\n\n  indented"
    desk = bench.desk(texts=((markup, (markup + " again",)),))
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    assert bench.text_of(page, "Prompt") == markup
    assert bench.text_of(page, "Response") == markup + " again"
    assert page.locator(".model-text > *").count() == 0
    assert "taken" not in page.title()


def test_right_to_left_text_runs_from_the_right(visits: Visits) -> None:
    desk = bench.desk(QueueKind.SINGLE, texts=(("ما هو الشاي؟", ("مشروب ساخن.", "A hot drink.")),))
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    directions = {
        text.inner_text(): text.evaluate("it => getComputedStyle(it).direction")
        for text in page.locator(".model-text").all()
    }
    assert directions == {"ما هو الشاي؟": "rtl", "مشروب ساخن.": "rtl", "A hot drink.": "ltr"}


def test_safety_labels_work_without_javascript(visits: Visits) -> None:
    visits.expected.add(422)
    desk = bench.desk(texts=TWO_ITEMS)
    page = visits.page(desk.members[0], java_script_enabled=False)
    bench.begin(page, desk.path)
    page.get_by_role("radio", name="Harmful").check()
    page.get_by_role("button", name="Submit and next").click()
    expect(page.get_by_text("Choose how severe the harm is")).to_be_visible()
    bench.label(page, Verdict(["Violence"], 1), by_keyboard=False)
    page.get_by_role("button", name="Submit and next").click()
    expect(page.locator("form.judging :checked")).to_have_count(0)
    page.get_by_role("radio", name="Safe").check()
    page.get_by_role("button", name="Submit and next").click()
    expect(page.get_by_role("heading", name=DONE)).to_be_visible()
    assert [answer.is_safe for answer in answers()] == [False, True]


def test_dual_preferences_work_without_javascript(visits: Visits) -> None:
    desk = bench.desk(QueueKind.DUAL, texts=PAIR)
    page = visits.page(desk.members[0], java_script_enabled=False)
    bench.begin(page, desk.path)
    for heading in ("more helpful", "more harmless"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        bench.prefer(page, "Tea is calmer.", by_keyboard=False)
        page.get_by_role("button", name="Submit and next").click()
    expect(page.get_by_role("heading", name=DONE)).to_be_visible()
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Annotation)) == 2


def test_a_page_of_another_role_is_refused_in_words(visits: Visits) -> None:
    visits.expected.add(403)
    desk = bench.desk()
    page = visits.page(desk.members[0])
    page.goto("/admin")
    expect(page.get_by_role("alert")).to_contain_text("This page is for admins")
    expect(page.get_by_text(desk.members[0].username)).to_be_visible()
    page.get_by_role("link", name="Back to the start").click()
    expect(page.get_by_role("heading", name="My queues")).to_be_visible()
