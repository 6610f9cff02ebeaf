"""Every page of the console that `benchmarks.console` asks for. A new page: one line more."""

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# Ids that stand in addresses: the largest project and its queues, and one of each thing that has a page.
PLACES = {
    "project": "SELECT min(id) FROM project",
    "queue": "SELECT min(id) FROM queue",
    "dual": "SELECT min(id) FROM queue WHERE kind = 'dual'",
    "exam": "SELECT min(id) FROM queue WHERE purpose = 'exam'",
    "person": "SELECT min(id) FROM user_account WHERE role = 'annotator'",
    "item": "SELECT item_id FROM queue_item WHERE queue_id = (SELECT min(id) FROM queue) AND pos = 10",
    "set": "SELECT item_id FROM queue_item JOIN queue ON id = queue_id WHERE kind = 'dual' AND pos = 10",
    "gold": "SELECT min(item_id) FROM gold_item WHERE queue_id = (SELECT min(id) FROM queue)",
    "import_": "SELECT min(id) FROM import WHERE state = 'done'",
    "release": "SELECT min(id) FROM release WHERE state = 'done'",
    "report": "SELECT max(id) FROM agreement_report",
}


class Page(NamedTuple):
    """`path`: with names of PLACES; `is_search`: its median has a goal too."""

    path: str
    is_search: bool = False


PROJECT, QUEUE = "/admin/projects/{project}", "/admin/queues/{queue}"
# What an open console asks for again and again.
LIVE = PROJECT
# Frequent words and rare ones, parts and phrases; each filter alone, and some together.
SEARCHES = (
    *("", "find=the", "find=silliest", "find=the+silliest", "find=%22the+silliest%22", "find=*uddle*"),
    *("find=blush*", "find=nothinglikeit", "find=id:1000000", "source=model-0", "kind=response_set"),
    *("queue={queue}", "status=open", "status=in_work", "status=finished", "status=in_adjudication"),
    *("status=settled", "status=held", "status=gold", "status=withdrawn", "status=in_no_queue"),
    *("says=Violence", "says=Violence&says_severity=3", "expects=Violence", "expects_severity=3"),
    *("disagreement=any", "disagreement=safety", "disagreement=none", "certainty_below=60"),
    *("answered_to=2026-01-01", "find=the&disagreement=any", "find=silliest&says=Violence"),
    *("status=finished&queue={queue}", "status=finished&disagreement=any&find=silliest"),
)
PAGES = (
    Page("/admin"),
    Page(PROJECT),
    Page(f"{PROJECT}/queues"),
    Page(f"{PROJECT}/queues/new"),
    Page(QUEUE),
    Page("/admin/queues/{dual}"),
    Page("/admin/queues/{exam}"),
    Page(f"{QUEUE}/settings"),
    Page(f"{QUEUE}/leases"),
    Page(f"{QUEUE}/gold"),
    Page(QUEUE + "/gold/items/{gold}"),
    Page(f"{QUEUE}/gold/disputes"),
    Page("/admin/queues/{exam}/attempts"),
    Page(f"{QUEUE}/adjudication"),
    Page(f"{QUEUE}/voids"),
    Page(f"{QUEUE}/inspections"),
    Page(f"{QUEUE}/quality"),
    Page(QUEUE + "/quality/people/{person}"),
    Page("/admin/queues/{dual}/quality"),
    Page("/admin/items/{item}"),
    Page("/admin/items/{set}"),
    *(Page(f"{PROJECT}/items?{search}", is_search=True) for search in SEARCHES),
    Page(f"{PROJECT}/imports"),
    Page("/admin/imports/{import_}"),
    Page(f"{PROJECT}/answer-imports"),
    Page(f"{PROJECT}/people"),
    Page("/admin/people"),
    Page("/admin/people/invitations"),
    Page("/admin/people/{person}"),
    Page("/admin/people/{person}/agreement"),
    Page("/admin/people/{person}/exposure"),
    Page("/admin/people/{person}/clearance"),
    Page(f"{PROJECT}/quality"),
    Page(f"{PROJECT}/comments"),
    Page(f"{PROJECT}/guidelines"),
    Page(f"{PROJECT}/guidelines/3"),
    Page(f"{PROJECT}/wellbeing"),
    Page(f"{PROJECT}/withdrawals"),
    Page(f"{PROJECT}/releases"),
    Page(f"{PROJECT}/releases/new"),
    Page("/admin/releases/{release}"),
    Page("/admin/releases/{release}/differences"),
    Page(f"{PROJECT}/deliveries"),
    Page(f"{PROJECT}/jobs"),
    Page(f"{PROJECT}/jobs?kind=trust"),
    Page(f"{PROJECT}/jobs?state=failed"),
    Page(f"{PROJECT}/settings"),
    Page("/agreement"),
    Page("/agreement/queues/{queue}"),
    Page("/agreement/queues/{dual}"),
    Page("/agreement/reports/{report}"),
    Page("/adjudicate"),
    Page("/inspect"),
    Page("/admin/audit"),
    Page("/admin/audit?subject=queue&words=weekly"),
    Page("/admin/audit?item=300001"),
)


def places(session: Session) -> dict[str, int]:
    return {name: session.scalars(text(statement)).one() for name, statement in PLACES.items()}
