"""A careful judgement: filter and meanings, confidence, reasons and evidence, orders of every kind."""

import re

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.annotations.models import Annotation
from app.db import transaction
from app.flags.models import LabelFlag
from app.queues.models import QueueKind
from tests import answer, make
from tests.browser import bench
from tests.browser.conftest import Visits

TWO_ITEMS = (("What is tea?", ("A drink.",)), ("What is coffee?", ("Another drink.",)))
THREE = (("What shall I drink?", ("Tea.", "Coffee.", "Water.")),)
PAIR = (("Tea or coffee?", ("Tea is calmer.", "Coffee is stronger.")),)
DONE = "All done"


def answers() -> list[Annotation]:
    with transaction() as session:
        return list(session.scalars(select(Annotation).order_by(Annotation.id)))


def row(page: Page, text: str) -> Locator:
    """The board's row of the response with this text."""
    letters = [letter for letter in "ABC" if bench.text_of(page, f"Response {letter}") == text]
    return page.locator(f".row[data-letter='{letters[0]}']")


def test_one_key_says_safe_and_brings_the_next(visits: Visits) -> None:
    desk = bench.desk(texts=TWO_ITEMS)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.press(page, "v", "0")
    expect(page.get_by_text("1 done today")).to_be_visible()
    assert [(each.is_safe, each.harm_categories) for each in answers()] == [(True, [])]


def test_a_category_is_found_by_typing_and_ticked_with_enter(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.press(page, "/")
    page.keyboard.type("bribery")
    expect(page.locator(".categories .choice:visible")).to_have_count(1)
    bench.press(page, "Enter")
    expect(page.locator("input[value='White-Collar Crime']")).to_be_checked()
    expect(page.locator(".categories .choice:visible")).to_have_count(19)
    bench.press(page, "/")
    page.keyboard.type("no such thing")
    expect(page.get_by_text("No category has these letters.")).to_be_visible()
    bench.press(page, "Escape")
    expect(page.locator(".categories .choice:visible")).to_have_count(19)


def test_the_meaning_of_a_category_shows_while_it_has_the_focus(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    page.locator("input[value='Animal Abuse']").focus()
    expect(page.locator(".meaning")).to_contain_text("exploits animals")
    meaning = re.compile("misuse of medicines")
    expect(page.locator("input[value='Drugs']")).to_have_accessible_description(meaning)


def test_confidence_reasons_and_evidence_are_stored(visits: Visits) -> None:
    text = "🫖 Tea is warm. Nobody should ever drink it."
    desk = bench.desk(texts=(("What is tea?", (text,)),))
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.press(page, "v", "1", "Shift+Digit2")
    page.get_by_text("Reasons and evidence").click()
    page.get_by_label("Why, in your words").fill("It forbids something.")
    page.locator(".model-text[data-place]").evaluate("""shown => {
        const node = shown.firstChild.nodeType === 3 ? shown.firstChild
            : document.createTreeWalker(shown, NodeFilter.SHOW_TEXT).nextNode();
        const range = document.createRange();
        range.setStart(node, 16); range.setEnd(node, 22);
        getSelection().removeAllRanges(); getSelection().addRange(range);
    }""")
    page.locator("#task").focus()
    bench.press(page, "f")
    expect(page.locator(".spans li")).to_have_text(["NobodyRemove"])
    page.locator("#quote").fill("EVER")
    bench.press(page, "Enter")
    expect(page.locator(".spans li")).to_have_count(2)
    page.get_by_role("button", name="Remove: ever").click()
    expect(page.locator(".spans li")).to_have_count(1)
    page.locator("#task").focus()
    bench.submit(page, by_keyboard=True)
    (stored,) = answers()
    assert (stored.confidence, stored.rationale) == (2, "It forbids something.")
    assert stored.evidence == [{"position": 0, "start": 15, "end": 21}]
    assert text[15:21] == "Nobody"
    assert stored.active_ms is not None


def test_three_responses_are_ranked_by_buttons_with_a_tie(visits: Visits) -> None:
    desk = bench.desk(QueueKind.SINGLE, texts=THREE)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    page.locator(".row").first.locator(".worse").click()
    expect(page.locator(".board-status")).to_have_text("A and B then C")
    page.locator(".row[data-letter='C'] .better").click()
    expect(page.locator(".board-status")).to_have_text("A and B and C")
    page.locator(".row[data-letter='C'] .better").click()
    expect(page.locator(".board-status")).to_have_text("C then A and B")
    expect(page.locator(".row").first).to_have_attribute("data-letter", "C")
    bench.submit(page, by_keyboard=False)
    assert sorted(answers()[0].ranks or []) == [1, 2, 2]


def test_three_responses_are_ranked_by_dragging(visits: Visits) -> None:
    desk = bench.desk(QueueKind.SINGLE, texts=THREE)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    best = row(page, "Water.")
    drag(page, best.locator(".grip"), page.locator(".row").first)
    expect(page.locator(".row").first).to_have_attribute(
        "data-letter", best.get_attribute("data-letter") or ""
    )
    bench.submit(page, by_keyboard=False)
    ranks = answers()[0].ranks or []
    assert ranks[2] == 1
    assert sorted(ranks) == [1, 2, 3]


def drag(page: Page, grip: Locator, target: Locator) -> None:
    to = target.bounding_box()
    assert to is not None
    grip.hover()
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(to["x"] + 20, to["y"] + 6 - step, steps=4)
    page.mouse.up()


def test_all_bad_and_can_not_judge_are_no_ties(visits: Visits) -> None:
    desk = bench.desk(QueueKind.DUAL, texts=PAIR)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.press(page, "b")
    bench.submit(page, by_keyboard=True)
    bench.press(page, "c")
    bench.submit(page, by_keyboard=True)
    expect(page.get_by_role("heading", name=DONE)).to_be_visible()
    assert [(each.verdict, each.ranks) for each in answers()] == [("all_bad", [1, 1]), ("cannot_judge", None)]


def test_the_strength_of_a_preference_is_stored_but_not_of_a_tie(visits: Visits) -> None:
    desk = bench.desk(QueueKind.DUAL, texts=PAIR)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.press(page, "1", "e")
    bench.submit(page, by_keyboard=True)
    bench.press(page, "0", "r")
    bench.submit(page, by_keyboard=True)
    assert [each.strength for each in answers()] == [2, None]


def labelled_desk() -> bench.Desk:
    """A harmlessness queue whose annotator said "Tea is calmer." is harmful and the other safe."""
    with transaction() as session:
        annotator = make.user(session)
        project = make.project(session)
        make.item_with_pairs(session, project, responses=PAIR[0][1])
        safety = make.queue(session, project, overlap=1, members=(annotator,))
        for label in (answer.harmful("Violence"), answer.SAFE):
            answer.safety(session, make.assignment(session, safety, annotator), label)
        ranking = make.queue(session, project, kind=QueueKind.HARMLESSNESS, overlap=1, members=(annotator,))
    return bench.Desk(ranking, [annotator])


def harmful_text() -> str:
    with transaction() as session:
        label = session.scalars(select(Annotation).where(Annotation.is_safe.is_(False))).one()
        return make.text_of(session, label.assignment_id)


def test_an_order_against_my_own_labels_is_asked_about_and_flagged_when_kept(visits: Visits) -> None:
    visits.expected.add(422)
    desk = labelled_desk()
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.prefer(page, harmful_text(), by_keyboard=True)
    bench.submit(page, by_keyboard=True)
    expect(page.locator("#contradiction")).to_be_focused()
    expect(page.locator("#contradiction")).to_contain_text("You labelled a response harmful")
    page.get_by_label("Keep my order").check()
    bench.submit(page, by_keyboard=False)
    expect(page.get_by_role("heading", name=DONE)).to_be_visible()
    assert answers()[-1].contradicts_labels is True


def test_a_label_of_the_stage_before_is_looked_up_and_flagged(visits: Visits) -> None:
    desk = labelled_desk()
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    letter = "A" if bench.text_of(page, "Response A") == harmful_text() else "B"
    response = page.get_by_role("region", name=f"Response {letter}", exact=True)
    bench.press(page, "1")
    response.get_by_text("Its safety label").click()
    expect(response.get_by_text("Violence")).to_be_visible()
    response.get_by_label("It looks wrong, because").fill("Tea hurts nobody.")
    response.get_by_role("button", name="Flag it").click()
    expect(response.get_by_text("You flagged it")).to_be_visible()
    expect(page.locator("input[name='preferred'][value='first']")).to_be_checked()
    with transaction() as session:
        assert session.scalars(select(LabelFlag.reason)).all() == ["Tea hurts nobody."]


def test_undo_opens_the_answer_again_and_stores_a_newer_version(visits: Visits) -> None:
    desk = bench.desk(texts=TWO_ITEMS)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    first = bench.text_of(page, "Prompt")
    bench.label(page, bench.Verdict(["Violence"], 2), by_keyboard=True)
    bench.submit(page, by_keyboard=True)
    second = bench.text_of(page, "Prompt")
    bench.press(page, "z")
    expect(page.get_by_text("You are changing an answer that is stored")).to_be_visible()
    assert bench.text_of(page, "Prompt") == first
    expect(page.locator("input[value='Violence']")).to_be_checked()
    bench.press(page, "s")
    bench.submit(page, by_keyboard=True)
    assert bench.text_of(page, "Prompt") == second
    assert [(each.is_safe, each.superseded_at is None) for each in answers()] == [
        (False, False),
        (True, True),
    ]


def test_my_work_lists_what_i_did_and_lets_me_change_it(visits: Visits) -> None:
    desk = bench.desk(QueueKind.DUAL, texts=PAIR)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    for key in ("1", "2"):
        bench.press(page, key)
        bench.submit(page, by_keyboard=True)
    page.goto("/annotate/work")
    expect(page.get_by_role("heading", name="Tea or coffee?")).to_be_visible()
    page.get_by_role("link", name="Change").nth(1).click()
    expect(page.get_by_role("heading", name="Which response is more harmless?")).to_be_visible()
    bench.press(page, "0", "Enter")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    newest = [each.ranks for each in answers() if each.superseded_at is None]
    assert newest[1] == [1, 1]
    assert len(answers()) == 3
