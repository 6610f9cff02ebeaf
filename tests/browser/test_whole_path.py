"""From an empty database to a loaded dataset: an admin and three annotators, all in their browsers."""

import json
import os
import re
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from app.accounts.models import Role, User
from app.db import transaction
from app.projects.pku import PKU
from tests import make
from tests.browser import bench
from tests.browser.bench import Verdict
from tests.browser.conftest import Visits

LOADER = Path(__file__).with_name("load_rows.py")
N_PROMPTS = 6
SAFE, RUDE = Verdict(), Verdict(["Insulting Behavior"], 1)
DUAL_KEYS = [
    *("prompt", "response_0", "response_1", "prompt_source", "response_0_source", "response_1_source"),
    *("is_response_0_safe", "is_response_1_safe", "response_0_harm_category", "response_1_harm_category"),
    *("response_0_severity_level", "response_1_severity_level", "better_response_id", "safer_response_id"),
    *("response_0_sha256", "response_1_sha256"),
]
QA_KEYS = [
    *("prompt", "response", "prompt_source", "response_source"),
    *("is_safe", "severity_level", "harm_category", "sha256"),
]
SINGLE_KEYS = [*DUAL_KEYS[:6], "better_response_id", *DUAL_KEYS[-2:]]
Rows = list[dict[str, Any]]


def question(number: int) -> str:
    return f"How do I ask for quiet after ten, case {number}?"


def polite(number: int) -> str:
    return f"Knock, smile and say what you hear. Case {number}."


def rude(number: int) -> str:
    return f"Tell them that only fools are this loud. Case {number}."


def number_in(text: str) -> int:
    found = re.search(r"[Cc]ase (\d)", text)
    assert found
    return int(found.group(1))


def test_three_annotators_work_a_project_from_its_import_to_a_loaded_release(
    visits: Visits, tmp_path: Path
) -> None:
    # Of an order against one's own labels.
    visits.expected.add(422)
    with transaction() as session:
        admin = make.user(session, role=Role.ADMIN)
        annotators = [make.user(session) for _ in range(3)]
    page = visits.page()
    sign_in(page, admin)
    project = create_project(page)
    import_items(page, project, tmp_path)
    queues = {kind: create_queue(page, project, kind) for kind in ("safety", "dual", "single")}
    for place, annotator in enumerate(annotators):
        work(visits.page(), annotator, place, queues)
    for kind in queues:
        see_alpha(page, project, kind)
    check_release(loaded_release(page, project, tmp_path))


def sign_in(page: Page, user: User) -> None:
    page.goto("/sign-in")
    page.get_by_label("User name").fill(user.username)
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def create_project(page: Page) -> str:
    page.get_by_label("Name").fill("Neighbours")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("navigation", name="Project Neighbours")).to_be_visible()
    return page.url


def import_items(page: Page, project: str, folder: Path) -> None:
    file = folder / "neighbours.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for number in range(N_PROMPTS):
            responses = [
                {"text": polite(number), "source": "model-a"},
                {"text": rude(number), "source": "model-b"},
            ]
            row = {"prompt": question(number), "prompt_source": "tests", "responses": responses}
            lines.write(json.dumps(row) + "\n")
    page.goto(f"{project}/imports")
    page.get_by_label("Import a file").set_input_files(file)
    page.get_by_role("button", name="Check first").first.click()
    # The page fills itself while the worker reads.
    expect(page.locator("#import .state")).to_have_text("checked")
    page.get_by_role("button", name="Import now").click()
    expect(page.locator("#import .state")).to_have_text("done")
    expect(page.get_by_text(f"New QA pairs{2 * N_PROMPTS}")).to_be_visible()
    expect(page.get_by_text(f"New response sets{N_PROMPTS}")).to_be_visible()


def create_queue(page: Page, project: str, kind: str) -> str:
    """A running queue of all annotators; its name is its kind. Returns its path for them."""
    page.goto(f"{project}/queues")
    page.get_by_role("link", name="New queue").click()
    page.get_by_label("Name").fill(kind)
    page.locator(f"input[name='kind'][value='{kind}']").check()
    page.get_by_label("Overlap").fill("3")
    page.get_by_role("button", name="Create").click()
    for person in page.get_by_role("group", name="Who works on this queue").get_by_role("checkbox").all():
        person.check()
    page.get_by_role("button", name="Save members").click()
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name=f"{kind} running")).to_be_visible()
    return f"/annotate/queues/{page.url.rpartition('/')[2]}"


def work(page: Page, annotator: User, place: int, queues: dict[str, str]) -> None:
    """Label until no queue has anything left for this annotator; the first of three by keyboard alone."""
    by_keyboard = place == 0
    sign_in(page, annotator)
    for kind, path in queues.items():
        if kind == "safety":
            bench.agree(page, path)
        bench.begin(page, path)
        n_answers = 0
        while bench.has_item(page):
            if kind == "safety":
                bench.label(page, verdict(place, bench.text_of(page, "Response")), by_keyboard=by_keyboard)
            else:
                bench.prefer(page, preferred(page, place), by_keyboard=by_keyboard)
            bench.submit(page, by_keyboard=by_keyboard)
            if page.locator("#contradiction").count():
                page.get_by_label("Keep my order").check()
                bench.submit(page, by_keyboard=by_keyboard)
            n_answers += 1
        assert n_answers == (N_PROMPTS if kind == "single" else 2 * N_PROMPTS)
        done = "All done" if place == 2 else "You have done your part"
        expect(page.get_by_role("heading", name=done)).to_be_visible()


def verdict(place: int, response: str) -> Verdict:
    """Mostly what the text deserves. Both of case 4 are safe, both of case 5 harmful; the third annotator
    is stricter now and then."""
    number, is_polite = number_in(response), response == polite(number_in(response))
    if number == 4:
        return SAFE
    if number == 5:
        return Verdict(["Insulting Behavior", "Discriminatory Behavior"], 2) if is_polite else RUDE
    if place == 2 and number < 2:
        return Verdict(["Insulting Behavior", "Psychological Harm"], 2)
    return SAFE if is_polite else RUDE


def preferred(page: Page, place: int) -> str | None:
    """The polite response, but: all rank the rude one of case 3 as harmless; in case 4 there is one for
    each side and one for a tie."""
    number = number_in(bench.text_of(page, "Prompt"))
    is_harmlessness = page.get_by_role("heading", name="more harmless").count() > 0
    if number == 3 and is_harmlessness:
        return rude(number)
    if number == 4:
        return [polite(number), rude(number), None][place]
    return rude(number) if number == 2 and place == 1 else polite(number)


def see_alpha(page: Page, project: str, kind: str) -> None:
    page.goto(f"{project}/queues")
    card = page.locator(".card.row").filter(has=page.get_by_role("link", name=kind, exact=True))
    card.get_by_role("link", name="Agreement").click()
    page.get_by_role("button", name="Compute now").click()
    # No reload: the page asks until the worker has the figures.
    expect(page.get_by_role("heading", name="Agreement by question")).to_be_visible()
    alpha = page.locator("#figures tbody tr").first.locator("td").first
    assert -1 <= float(alpha.text_content() or "") < 1
    assert page.locator("#report").get_attribute("hx-get") is None


def loaded_release(page: Page, project: str, folder: Path) -> dict[str, dict[str, Rows]]:
    """Made and downloaded in the browser, loaded as its users load it: rows by dataset and split."""
    page.goto(f"{project}/releases")
    page.get_by_role("link", name="New release").click()
    page.get_by_role("button", name="Make a release now").click()
    expect(page.locator("#release .state")).to_have_text("done")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all").click()
    archive = folder / "release.zip"
    download.value.save_as(archive)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder / "unpacked")
    cards = (folder / "unpacked").rglob("README.md")
    datasets = {card.parent.name: str(card.parent) for card in cards if (card.parent / "data").is_dir()}
    cache = str(folder / "cache")
    run = subprocess.run(
        [sys.executable, LOADER],
        input=json.dumps(list(datasets.values())),
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": cache, "HF_DATASETS_CACHE": cache},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=120,
    )
    rows = json.loads(run.stdout)
    return {name: rows[path] for name, path in datasets.items()}


def check_release(rows: dict[str, dict[str, Rows]]) -> None:
    for splits in rows.values():
        # Of single judgements and of consensus there is a key alone; in a conversation the prompt is a list.
        prompts = [{str(row["prompt"]) for row in split if "prompt" in row} for split in splits.values()]
        assert sum(map(len, prompts)) == len(set().union(*prompts)), "a prompt is in two splits"
    dual, qa, single = (
        [row for split in rows[name].values() for row in split]
        for name in ("PKU-SafeRLHF", "PKU-SafeRLHF-QA", "PKU-SafeRLHF-single-dimension")
    )
    # Case 3: the side ranked safer is the harmful one. Case 4: no winner.
    assert {number_in(row["prompt"]) for row in dual} == {0, 1, 2, 5}
    assert {number_in(row["prompt"]) for row in single} == {0, 1, 2, 3, 5}
    assert len(qa) == 2 * N_PROMPTS
    for row in dual:
        check_dual_row(row)
    for row in single:
        assert list(row) == SINGLE_KEYS
        check_pair(row, ["better_response_id"])
    for row in qa:
        assert list(row) == QA_KEYS
        assert row["sha256"] == checksum(row["prompt"], row["response"])
        check_label(row["is_safe"], row["severity_level"], row["harm_category"])


def check_dual_row(row: dict[str, Any]) -> None:
    assert list(row) == DUAL_KEYS
    check_pair(row, ["better_response_id", "safer_response_id"])
    is_safe = [row["is_response_0_safe"], row["is_response_1_safe"]]
    for side in (0, 1):
        severity, categories = row[f"response_{side}_severity_level"], row[f"response_{side}_harm_category"]
        check_label(is_safe[side], severity, categories)
    safer = row["safer_response_id"]
    assert is_safe[safer] or not is_safe[1 - safer], "the side ranked safer is harmful, the other is not"


def check_pair(row: dict[str, Any], id_names: list[str]) -> None:
    assert row["response_0"].split() != row["response_1"].split()
    assert all(row[name] in (0, 1) and type(row[name]) is int for name in id_names)
    for side in (0, 1):
        assert row[f"response_{side}_sha256"] == checksum(row["prompt"], row[f"response_{side}"])


def check_label(is_safe: object, severity: object, categories: dict[str, bool]) -> None:
    assert list(categories) == list(PKU.category_names)
    assert all(type(flag) is bool for flag in (is_safe, *categories.values()))
    assert severity in (0, 1, 2, 3)
    assert is_safe is (severity == 0) is (not any(categories.values()))


def checksum(prompt: str, response: str) -> str:
    return sha256((prompt + response).encode()).hexdigest()
