"""The pages, and what to do on each to see all of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import Page

from app.accounts.models import User
from app.assignments.queries import n_responses
from app.db import now, transaction
from app.demo.actions import ask_for_demo, note_state
from app.demo.models import DemoState
from app.invitations.actions import invite
from app.invitations.forms import NewInvitation
from app.items.actions import start_import
from app.projects.models import Project
from app.queues.models import Dimension
from tests import make
from tests.answer import ranking
from tests.browser import bench
from tests.browser.campaign import FIRST_NAMELESS, Campaign


def stay(page: Page) -> None:
    pass


def start(page: Page) -> None:
    page.get_by_role("button", name="Start").click()
    page.locator("#workspace:not(:has(form[action$='/next']))").wait_for()


def send_a_harmful_label_without_category(page: Page) -> None:
    start(page)
    page.get_by_role("radio", name="Harmful").check()
    bench.submit(page, by_keyboard=False)


def send_keys_that_clash(page: Page) -> None:
    page.get_by_label("Safe", exact=True).press("v")
    page.get_by_role("button", name="Save").click()
    page.locator(".field-error").first.wait_for()


def open_the_key_sheet(page: Page) -> None:
    start(page)
    page.get_by_role("link", name="Keys").click()
    page.get_by_role("dialog").wait_for()


def open_everything(page: Page) -> None:
    start(page)
    open_details(page)


def open_details(page: Page) -> None:
    for summary in page.locator("summary").all():
        summary.click()


def read_the_guidelines(page: Page) -> None:
    start(page)
    bench.press(page, "q")
    page.get_by_text("Be kind, and patient").wait_for()


def ask_nothing(page: Page) -> None:
    start(page)
    bench.press(page, "k")
    page.get_by_label("Your question or remark").fill(" ")
    page.get_by_role("button", name="Send").click()
    page.locator(".field-error").wait_for()


def preview_a_change(page: Page) -> None:
    page.get_by_label("Which", exact=True).select_option("all that this search finds")
    page.get_by_label("What", exact=True).select_option("withdraw their responses from releases")
    page.get_by_label("Why").fill("Asked for")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Do it").wait_for()


def preview_a_voiding_of_items(page: Page) -> None:
    page.get_by_label("Which", exact=True).select_option("all that this search finds")
    page.get_by_label("What", exact=True).select_option("void answers to them in a queue")
    page.get_by_label("Queue", exact=True).last.select_option(index=2)
    page.get_by_label("Why").fill("Clicked at random")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Do it").wait_for()


def preview(page: Page) -> None:
    page.get_by_label("What is new in it").fill("More about **links**.")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("heading", name="Preview").wait_for()


def publish_nothing(page: Page) -> None:
    page.get_by_label("Text", exact=True).fill(" ")
    page.get_by_role("button", name="Publish").click()


def change_nothing(page: Page) -> None:
    page.get_by_text("A new harm category").first.click()
    page.get_by_label("Why").fill("To see")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("heading", name="Preview").wait_for()


def count_touched(page: Page) -> None:
    page.get_by_label("Violence").check()
    page.get_by_role("button", name="Count the items").click()
    page.get_by_role("status").wait_for()


def start_in_vain(page: Page) -> None:
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Look again").wait_for()


def uncover_one(page: Page) -> None:
    start(page)
    page.get_by_role("button", name="Show response B").click()
    page.get_by_role("button", name="Show response B").wait_for(state="detached")


def stop_for_today(page: Page) -> None:
    page.get_by_role("button", name="Stop for today").click()
    page.get_by_role("heading", name="That is enough for today").wait_for()


def send_a_project_with_mistakes(page: Page) -> None:
    page.get_by_label("Address").fill("somewhere")
    page.get_by_role("button", name="Save").click()
    page.locator(".field-error").wait_for()


def send_a_grant_with_mistakes(page: Page) -> None:
    page.get_by_text("Grant a qualification").click()
    page.get_by_label("Name", exact=True).fill("Medicine")
    page.locator("#grant-reason").fill(" ")
    page.get_by_role("button", name="Grant").click()
    page.locator(".field-error").wait_for()


def make_a_link(page: Page) -> None:
    page.get_by_text("Make a download link").click()
    page.get_by_role("button", name="Make the link").click()
    page.get_by_label("Link", exact=True).wait_for()


def make_a_group_with_mistakes(page: Page) -> None:
    page.get_by_label("Name of a new group").fill(" ")
    page.get_by_role("button", name="Make it").click()
    page.locator(".field-error").wait_for()


def make_a_group(page: Page) -> None:
    page.get_by_label("Name of a new group").fill(f"Team {page.evaluate('Date.now()')}")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("button", name="Save").wait_for()


def make_an_invitation(page: Page) -> None:
    open_details(page)
    page.get_by_role("button", name="Make the link").click()
    page.get_by_label("Link", exact=True).wait_for()


def make_an_invitation_with_mistakes(page: Page) -> None:
    page.get_by_label("For how many people").fill("0")
    page.get_by_role("button", name="Make the link").click()
    page.locator(".field-error").wait_for()


def make_a_link_for_a_password(page: Page) -> None:
    page.get_by_role("button", name="Make a link for a new password").click()
    page.get_by_label("Link", exact=True).wait_for()


def invited(campaign: Campaign) -> str:
    with transaction() as session:
        return f"/join?key={invite(session, NewInvitation(), campaign.admin.id).token}"


def add_a_target_with_mistakes(page: Page) -> None:
    page.get_by_text("Add a target").click()
    page.get_by_label("Where to").fill("s3://tea")
    page.get_by_label("Endpoint").fill("tea")
    page.get_by_role("button", name="Add target").click()
    page.locator(".field-error").first.wait_for()


def preview_a_voiding(page: Page) -> None:
    page.get_by_label("Whose answers").select_option(index=1)
    page.get_by_label("Why").fill("They clicked at random")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("heading", name="Preview").wait_for()


def preview_a_withdrawal(page: Page) -> None:
    page.get_by_label("Which").fill("1")
    page.get_by_label("Why", exact=True).fill("Its author asked for it")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("heading", name="Preview").wait_for()
    page.get_by_role("button", name="Withdraw from later releases").click()
    page.get_by_text("End it").click()


def send_a_withdrawal_with_mistakes(page: Page) -> None:
    page.get_by_label("Which").fill("tea")
    page.get_by_label("Why", exact=True).fill("Its author asked for it")
    page.get_by_role("button", name="Preview").click()
    page.locator(".field-error").wait_for()


def ask_for_a_release_with_mistakes(page: Page) -> None:
    page.get_by_label("Given from (UTC)").fill("2026-02-02")
    page.get_by_label("Given until (UTC)").fill("2026-02-01")
    page.get_by_label("Severity 3").check()
    open_details(page)
    page.get_by_label("Violence").check()
    page.get_by_label("Least posterior").fill("2")
    page.get_by_role("button", name="Make a release now").click()
    page.locator(".field-error").first.wait_for()


def plan_a_batch(page: Page) -> None:
    page.get_by_role("button", name="Show what it tells").click()
    page.get_by_role("heading", name="What the sample tells").wait_for()


def send_a_gold_file_with_mistakes(page: Page) -> None:
    rows = b"item_id,is_safe\n0,true\n,false\n"
    page.get_by_label("CSV with a header").set_input_files(
        {"name": "gold.csv", "mimeType": "text/csv", "buffer": rows}
    )
    page.get_by_role("button", name="Import").click()
    page.get_by_text("Nothing of gold.csv was imported").wait_for()


def resting_queue(campaign: Campaign) -> str:
    """Outside of its hours."""
    with transaction() as session:
        project = session.get_one(Project, campaign.queues["busy"].project_id)
        days = [(now() + timedelta(days=3)).isoweekday()]
        queue = make.queue(session, project, members=(campaign.annotator,), weekdays=days)
        return f"/annotate/queues/{queue.id}"


def work_of_all_kinds(campaign: Campaign) -> str:
    """Beside safety labels, surplus and exams: rankings."""
    ranks = {"pair": (Dimension.HELPFULNESS, Dimension.HARMLESSNESS), "three": (Dimension.SINGLE,)}
    with transaction() as session:
        for name, steps in ranks.items():
            held = make.assignment(session, campaign.queues[name], campaign.annotator)
            for step in steps:
                ranking(session, held, step, [1, 2, 2][: n_responses(session, held.id)])
    return "/annotate/work"


def newcomer(campaign: Campaign) -> User:
    with transaction() as session:
        return make.user(session)


def waiting_import(campaign: Campaign) -> str:
    """Of a file that no worker knows of."""
    with transaction() as session:
        return f"/admin/imports/{start_import(session, campaign.import_.project_id, 'tea.jsonl', 100).id}"


def waiting_demo(campaign: Campaign) -> str:
    """That no worker knows of."""
    with transaction() as session:
        ask_for_demo(session, campaign.admin.id)
    return "/admin/demo"


def demo_to_remove(campaign: Campaign) -> str:
    return f"{waiting_demo(campaign)}/remove"


def loaded_demo(campaign: Campaign) -> str:
    with transaction() as session:
        project_id = ask_for_demo(session, campaign.admin.id)
        if project_id is not None:
            note_state(session, project_id, DemoState.DONE)
    return "/admin/demo"


def upload(page: Page, rows: bytes) -> None:
    page.get_by_label("Import a file").set_input_files(
        {"name": "drinks.jsonl", "mimeType": "application/jsonl", "buffer": rows}
    )
    page.get_by_role("button", name="Check first").first.click()


def check_a_file(page: Page) -> None:
    upload(page, b'{"prompt": "Tea?", "response": "Now."}\n{"prompt": "", "response": "No."}\n')
    page.get_by_role("button", name="Import now").wait_for()


def tell_columns_with_mistakes(page: Page) -> None:
    long = b"It is warm. " * 20
    upload(page, b'{"question": "Why tea?", "answer": "' + long + b'", "id": 7}\n')
    page.get_by_label("question").select_option("")
    page.get_by_role("button", name="Check again").click()
    page.locator(".field-error").wait_for()
    page.locator(".samples summary").click()


def tell_columns(page: Page) -> None:
    upload(page, b'{"question": "Why tea?", "answer": "It is warm.", "safe": "yes"}\n')
    page.get_by_label("safe", exact=True).select_option("is_safe")
    page.get_by_label("Values that mean safe").fill("yes|fine")
    page.get_by_role("button", name="Check again").click()
    page.get_by_role("button", name="Import now").wait_for()


def send_answers_with_mistakes(page: Page) -> None:
    page.get_by_label("A file of answers").set_input_files(
        {"name": "answers.jsonl", "mimeType": "application/jsonl", "buffer": b"{}"}
    )
    page.get_by_label("Which field is which").fill("annotator")
    page.get_by_role("button", name="Check first").last.click()
    page.locator(".field-error").wait_for()


def make_gold_with_mistakes(page: Page) -> None:
    page.get_by_label("Severity").select_option("3")
    page.get_by_role("button", name="Save").click()
    page.locator(".field-error").wait_for()


def send_a_queue_with_mistakes(page: Page) -> None:
    page.get_by_label("Name").fill("Mistaken")
    page.get_by_label("Overlap", exact=True).fill("999")
    page.get_by_text("More settings").click()
    page.get_by_label("While the posterior is below").fill("2")
    page.get_by_label("From", exact=True).fill("09:00")
    page.get_by_label("Time zone").fill("Mars")
    page.get_by_role("button", name="Create").click()
    page.locator(".field-error").first.wait_for()


def preview_another_overlap(page: Page) -> None:
    page.get_by_label("Overlap", exact=True).fill("7")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Change it").wait_for()


def preview_a_priority(page: Page) -> None:
    page.get_by_text("Change all items of the queue").click()
    page.get_by_label("Why").fill("It is urgent")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("heading", name="Preview").wait_for()


def change_items_without_a_reason(page: Page) -> None:
    page.get_by_text("Change all items of the queue").click()
    page.get_by_label("Why").fill(" ")
    page.get_by_role("button", name="Preview").click()
    page.locator(".field-error").wait_for()


def answer_in_a_training(page: Page) -> None:
    start(page)
    page.get_by_role("radio", name="Harmful").check()
    bench.press(page, "v", "2")
    bench.submit(page, by_keyboard=False)
    page.get_by_role("heading", name="Not quite right").wait_for()
    open_details(page)


def need_a_qualification(page: Page) -> None:
    page.get_by_role("button", name="Start").click()
    page.get_by_role("heading", name="You need a qualification").wait_for()


@dataclass(frozen=True)
class Place:
    """A page: who opens it, where it is, and what to do there first."""

    who: Callable[[Campaign], User | None]
    path: Callable[[Campaign], str]
    do: Callable[[Page], None] = stay


def of_admin(path: Callable[[Campaign], str], do: Callable[[Page], None] = stay) -> Place:
    return Place(lambda campaign: campaign.admin, path, do)


def of_annotator(path: Callable[[Campaign], str], do: Callable[[Page], None] = stay) -> Place:
    return Place(lambda campaign: campaign.annotator, path, do)


PLACES = {
    "quality": of_admin(lambda campaign: campaign.quality, open_details),
    "quality of one": of_admin(
        lambda campaign: f"{campaign.quality}/people/{campaign.adjudicator.id}", open_details
    ),
    "sign-in": Place(lambda campaign: None, lambda campaign: "/sign-in"),
    "my queues": of_annotator(lambda campaign: "/annotate"),
    "topics": of_annotator(lambda campaign: "/annotate/topics"),
    "keys": of_annotator(lambda campaign: "/annotate/preferences"),
    "keys with corrections": of_annotator(lambda campaign: "/annotate/preferences", send_keys_that_clash),
    "sheet of keys": of_annotator(lambda campaign: campaign.desk("safety"), open_the_key_sheet),
    "queue before its start": of_annotator(lambda campaign: campaign.desk("safety")),
    "queue outside of its hours": of_annotator(resting_queue),
    "safety": of_annotator(lambda campaign: campaign.desk("safety"), open_everything),
    "safety with corrections": of_annotator(
        lambda campaign: campaign.desk("safety"), send_a_harmful_label_without_category
    ),
    "ranking of a pair": of_annotator(lambda campaign: campaign.desk("pair"), start),
    "ranking of three": of_annotator(lambda campaign: campaign.desk("three"), start),
    "nothing left": of_annotator(lambda campaign: campaign.desk("answered"), start),
    "guidelines beside the task": of_annotator(lambda campaign: campaign.desk("safety"), read_the_guidelines),
    "guidelines to read": of_annotator(
        lambda campaign: f"/annotate/projects/{campaign.release.project_id}/guidelines"
    ),
    "a question with corrections": of_annotator(lambda campaign: campaign.desk("pair"), ask_nothing),
    "my questions": Place(lambda campaign: campaign.adjudicator, lambda campaign: "/annotate/comments"),
    "a thread": Place(
        lambda campaign: campaign.adjudicator,
        lambda campaign: f"/annotate/assignments/{campaign.asked.id}/comments",
    ),
    "my queues with an answer": Place(lambda campaign: campaign.adjudicator, lambda campaign: "/annotate"),
    "my work": of_annotator(work_of_all_kinds),
    "no work": Place(newcomer, lambda campaign: "/annotate/work"),
    "error": of_annotator(lambda campaign: "/annotate/queues/0"),
    "projects": of_admin(lambda campaign: "/admin"),
    "demo offered": of_admin(lambda campaign: "/admin/demo"),
    "demo on its way": of_admin(waiting_demo),
    "demo loaded": of_admin(loaded_demo),
    "demo to remove": of_admin(demo_to_remove),
    "project": of_admin(lambda campaign: campaign.project, open_details),
    "queues of a project": of_admin(lambda campaign: f"{campaign.project}/queues"),
    "quality of a project": of_admin(lambda campaign: f"{campaign.project}/quality"),
    "quality with gold and weeks": of_admin(
        lambda campaign: f"/admin/projects/{campaign.queues['safety'].project_id}/quality"
    ),
    "people of a project": of_admin(
        lambda campaign: f"/admin/projects/{campaign.queues['dosed'].project_id}/people", open_details
    ),
    "people of a project with corrections": of_admin(
        lambda campaign: f"{campaign.project}/people?since=2026-02-02&until=2026-02-01"
    ),
    "imports": of_admin(lambda campaign: f"{campaign.project}/imports", open_details),
    "jobs": of_admin(lambda campaign: f"{campaign.project}/jobs"),
    "jobs that are not there": of_admin(lambda campaign: f"{campaign.project}/jobs?state=cancelled"),
    "releases": of_admin(lambda campaign: f"{campaign.project}/releases"),
    "guidelines": of_admin(lambda campaign: f"{campaign.project}/guidelines", preview),
    "guidelines with corrections": of_admin(
        lambda campaign: f"{campaign.project}/guidelines", publish_nothing
    ),
    "taxonomy": of_admin(lambda campaign: f"{campaign.project}/taxonomy", change_nothing),
    "a version of the taxonomy": of_admin(lambda campaign: f"{campaign.project}/taxonomy/1"),
    "relabelling": of_admin(lambda campaign: f"{campaign.project}/taxonomy/relabelling", count_touched),
    "a version of the guidelines": of_admin(lambda campaign: f"{campaign.project}/guidelines/2"),
    "questions": of_admin(lambda campaign: f"{campaign.project}/comments"),
    "training before its start": of_annotator(lambda campaign: campaign.desk("training")),
    "exam before its start": of_annotator(lambda campaign: campaign.desk("exam to come")),
    "feedback of a training": of_annotator(lambda campaign: campaign.desk("training"), answer_in_a_training),
    "result of an exam": of_annotator(lambda campaign: campaign.desk("exam")),
    "qualification needed": of_annotator(lambda campaign: campaign.desk("gated"), need_a_qualification),
    "attempts": of_admin(
        lambda campaign: f"/admin/queues/{campaign.queues['exam'].id}/attempts", open_details
    ),
    "settings of an exam": of_admin(lambda campaign: f"/admin/queues/{campaign.queues['exam'].id}/settings"),
    "consent": of_annotator(lambda campaign: campaign.desk("not agreed")),
    "covered texts": of_annotator(lambda campaign: campaign.desk("covered"), start),
    "texts of which one was uncovered": of_annotator(lambda campaign: campaign.desk("covered"), uncover_one),
    "only severe items left": of_annotator(lambda campaign: campaign.desk("tired"), start_in_vain),
    "stopped for today": of_annotator(lambda campaign: "/annotate", stop_for_today),
    "project settings": of_admin(lambda campaign: f"{campaign.project}/settings"),
    "project settings with corrections": of_admin(
        lambda campaign: f"{campaign.project}/settings", send_a_project_with_mistakes
    ),
    "wellbeing": of_admin(
        lambda campaign: f"/admin/projects/{campaign.queues['dosed'].project_id}/wellbeing", open_details
    ),
    "import": of_admin(lambda campaign: f"/admin/imports/{campaign.import_.id}"),
    "import that waits": of_admin(waiting_import),
    "import that was checked": of_admin(lambda campaign: f"{campaign.project}/imports", check_a_file),
    "import with columns as told": of_admin(lambda campaign: f"{campaign.project}/imports", tell_columns),
    "columns to tell, with corrections": of_admin(
        lambda campaign: f"{campaign.project}/imports", tell_columns_with_mistakes
    ),
    "answers with corrections": of_admin(
        lambda campaign: f"{campaign.project}/answer-imports", send_answers_with_mistakes
    ),
    "new queue with corrections": of_admin(
        lambda campaign: f"{campaign.project}/queues/new", send_a_queue_with_mistakes
    ),
    "queue": of_admin(lambda campaign: f"/admin/queues/{campaign.queues['safety'].id}"),
    "queue settings": of_admin(lambda campaign: f"/admin/queues/{campaign.queues['safety'].id}/settings"),
    "another overlap": of_admin(
        lambda campaign: f"/admin/queues/{campaign.queues['busy'].id}/settings", preview_another_overlap
    ),
    "queue as an annotator": of_admin(
        lambda campaign: f"/admin/queues/{campaign.queues['safety'].id}/as-annotator", open_details
    ),
    "new queue as an annotator": of_admin(
        lambda campaign: f"{campaign.project}/queues/as-annotator?kind=dual&step=harmlessness"
    ),
    "clone of a queue": of_admin(lambda campaign: f"/admin/queues/{campaign.queues['busy'].id}/clone"),
    "end of a queue": of_admin(lambda campaign: f"/admin/queues/{campaign.queues['busy'].id}/ending"),
    "items of a queue": of_admin(
        lambda campaign: f"/admin/queues/{campaign.queues['busy'].id}/items", preview_a_priority
    ),
    "items of a queue with corrections": of_admin(
        lambda campaign: f"/admin/queues/{campaign.queues['busy'].id}/items", change_items_without_a_reason
    ),
    "leases": of_admin(lambda campaign: f"/admin/queues/{campaign.queues['busy'].id}/leases", open_details),
    "voided answers": of_admin(
        lambda campaign: f"/admin/queues/{campaign.queues['busy'].id}/voids", preview_a_voiding
    ),
    "inspections of a queue": of_admin(
        lambda campaign: f"/admin/queues/{campaign.queues['dosed'].id}/inspections", plan_a_batch
    ),
    "open batches": Place(lambda campaign: campaign.adjudicator, lambda campaign: "/inspect"),
    "a batch": of_admin(lambda campaign: f"/inspect/batches/{campaign.batch}"),
    "items": of_admin(lambda campaign: f"{campaign.project}/items", open_details),
    "items found": of_admin(lambda campaign: f"{campaign.project}/items?kind=qa_pair&oldest_first=true"),
    "items with corrections": of_admin(lambda campaign: f"{campaign.project}/items?says_severity=9"),
    "no items found": of_admin(lambda campaign: f"{campaign.project}/items?find=%25"),
    "a change to items": of_admin(lambda campaign: f"{campaign.project}/items", preview_a_change),
    "a voiding of answers to items": of_admin(
        lambda campaign: f"{campaign.project}/items", preview_a_voiding_of_items
    ),
    "an item's history": of_admin(lambda campaign: f"/admin/items/{campaign.asked.item_id}", open_details),
    "audit log": of_admin(lambda campaign: "/admin/audit"),
    "audit log with corrections": of_admin(lambda campaign: "/admin/audit?item=x"),
    "clearance": of_admin(lambda campaign: f"/admin/people/{campaign.annotator.id}/clearance"),
    "gold": of_admin(lambda campaign: f"{campaign.known.page}?words=tea"),
    "gold with a bad file": of_admin(lambda campaign: campaign.known.page, send_a_gold_file_with_mistakes),
    "gold item": of_admin(lambda campaign: f"{campaign.known.page}/items/{campaign.known.gold.item_id}"),
    "gold item with corrections": of_admin(
        lambda campaign: f"{campaign.known.page}/items/{campaign.known.gold.item_id}", make_gold_with_mistakes
    ),
    "disputes": of_admin(lambda campaign: campaign.known.disputes),
    "my results": Place(
        lambda campaign: campaign.known.annotator, lambda campaign: "/annotate/results", open_details
    ),
    "people": of_admin(lambda campaign: "/admin/people", open_details),
    "a person": of_admin(lambda campaign: f"/admin/people/{campaign.adjudicator.id}", open_details),
    "a person with corrections": of_admin(
        lambda campaign: f"/admin/people/{campaign.annotator.id}", send_a_grant_with_mistakes
    ),
    "groups": of_admin(lambda campaign: "/admin/people/groups", make_a_group_with_mistakes),
    "a group": of_admin(lambda campaign: "/admin/people/groups", make_a_group),
    "invitations": of_admin(lambda campaign: "/admin/people/invitations", make_an_invitation),
    "invitations with corrections": of_admin(
        lambda campaign: "/admin/people/invitations", make_an_invitation_with_mistakes
    ),
    "link for a new password": of_admin(
        lambda campaign: f"/admin/people/{campaign.annotator.id}", make_a_link_for_a_password
    ),
    "invited": Place(lambda campaign: None, invited),
    "link that is none": Place(lambda campaign: None, lambda campaign: "/join?key=none"),
    "exposure of a person": of_admin(lambda campaign: f"/admin/people/{campaign.adjudicator.id}/exposure"),
    "agreement of a person": of_admin(lambda campaign: f"/admin/people/{campaign.adjudicator.id}/agreement"),
    "release": of_admin(lambda campaign: f"/admin/releases/{campaign.release.id}", open_details),
    "download link": of_admin(lambda campaign: f"/admin/releases/{campaign.release.id}", make_a_link),
    "link that does not hold": Place(
        lambda campaign: None,
        lambda campaign: f"/shared/releases/{campaign.release.id}?until=0&series=0&signature=0",
    ),
    "deliveries": of_admin(lambda campaign: f"{campaign.project}/deliveries", open_details),
    "deliveries with corrections": of_admin(
        lambda campaign: f"{campaign.project}/deliveries", add_a_target_with_mistakes
    ),
    "withdrawals": of_admin(lambda campaign: f"{campaign.project}/withdrawals", preview_a_withdrawal),
    "withdrawals with corrections": of_admin(
        lambda campaign: f"{campaign.project}/withdrawals", send_a_withdrawal_with_mistakes
    ),
    "publication of my answers": of_annotator(lambda campaign: "/annotate/publication"),
    "new release with corrections": of_admin(
        lambda campaign: f"{campaign.project}/releases/new", ask_for_a_release_with_mistakes
    ),
    "nightly releases": of_admin(lambda campaign: f"{campaign.project}/releases/nightly", open_details),
    "no release to compare with": of_admin(
        lambda campaign: f"/admin/releases/{campaign.release.id}/differences"
    ),
    "adjudicate": Place(lambda campaign: campaign.adjudicator, lambda campaign: "/adjudicate"),
    "a case": Place(
        lambda campaign: campaign.adjudicator, lambda campaign: f"/adjudicate/cases/{campaign.case_id}"
    ),
    "adjudication of a queue": of_admin(
        lambda campaign: f"/admin/queues/{campaign.queues['split'].id}/adjudication"
    ),
    "agreement of all queues": Place(lambda campaign: campaign.adjudicator, lambda campaign: "/agreement"),
    "agreement of a queue": Place(
        lambda campaign: campaign.adjudicator,
        lambda campaign: f"/agreement/queues/{campaign.queues['answered'].id}",
    ),
    "a report on preferences": of_admin(
        lambda campaign: f"/agreement/reports/{campaign.reports['dual']}?sort=alpha", open_details
    ),
    "a report on one of many annotators": of_admin(
        lambda campaign: f"/agreement/reports/{campaign.reports['many']}?annotator={FIRST_NAMELESS}",
        open_details,
    ),
    "reports on a queue": of_admin(
        lambda campaign: f"/agreement/queues/{campaign.queues['answered'].id}/reports"
    ),
}
