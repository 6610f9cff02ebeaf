"""Which language a reader gets."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.web.locales import accepted_locale
from tests import make
from tests.browse import enter, post, sign_in

CHINESE = "zh-CN"


def language_of(client: TestClient, path: str = "/sign-in", **headers: str) -> str:
    page = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()}).text
    return page.partition('<html lang="')[2].partition('"')[0]


def preferences(session: Session, user: User) -> dict[str, Any]:
    found: dict[str, Any] = session.scalars(select(User.preferences).where(User.id == user.id)).one()
    return found


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", CHINESE),
        ("zh", CHINESE),
        ("ZH-Hans-SG", CHINESE),
        ("en-GB,zh;q=0.9", "en"),
        ("en;q=0.3, zh;q=0.7", CHINESE),
        ("fr,de;q=0.8", "en"),
        ("fr, zh;q=0.2", CHINESE),
        ("zh;q=0, en;q=0.1", "en"),
        ("*", "en"),
        (";;q=,,==", "en"),
        ("zh;q=nonsense", CHINESE),
    ],
)
def test_the_browser_says_which_language_it_wants(header: str, locale: str) -> None:
    assert accepted_locale(header) == locale


def test_a_page_is_in_the_language_that_the_browser_asks_for(client: TestClient) -> None:
    assert language_of(client) == "en"
    assert language_of(client, accept_language=CHINESE) == CHINESE
    assert "登录" in client.get("/sign-in", headers={"accept-language": CHINESE}).text


def test_a_choice_is_kept_in_a_cookie_and_outweighs_the_browser(client: TestClient) -> None:
    chosen = post(client, "/language", locale=CHINESE, next="/sign-in?next=/annotate")
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/sign-in?next=/annotate")
    cookie = chosen.headers["set-cookie"]
    assert cookie == "locale=zh-CN; Path=/; Max-Age=31536000; SameSite=Lax"
    assert language_of(client) == CHINESE
    assert language_of(client, accept_language="en") == CHINESE
    post(client, "/language", locale="en")
    assert language_of(client, accept_language=CHINESE) == "en"


def test_the_form_leads_back_to_the_page_it_was_on(client: TestClient) -> None:
    page = client.get("/sign-in?next=/annotate").text
    assert '<input type="hidden" name="next" value="/sign-in?next=/annotate">' in page
    answered = post(client, "/sign-in", username="nobody", password="nothing").text
    assert '<input type="hidden" name="next" value="/">' in answered


@pytest.mark.parametrize("locale", ["fr", "", "zh_CN", ["en", CHINESE]])
def test_another_language_is_refused(client: TestClient, session: Session, locale: str | list[str]) -> None:
    user = make.user(session)
    enter(client, session, user)
    refused = post(client, "/language", locale=locale)
    assert (refused.status_code, "locale" in client.cookies) == (422, False)
    assert preferences(session, user) == {}


def test_another_site_is_never_the_page_to_go_back_to(client: TestClient) -> None:
    for target in ("//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example"):
        assert post(client, "/language", locale="en", next=target).headers["location"] == "/"


def test_without_the_token_nothing_is_chosen(client: TestClient) -> None:
    refused = client.post("/language", data={"locale": CHINESE}, follow_redirects=False)
    assert (refused.status_code, "locale" in client.cookies) == (403, False)


def test_a_cookie_with_another_value_is_ignored(client: TestClient) -> None:
    client.cookies.set("locale", "fr")
    assert language_of(client) == "en"
    assert language_of(client, accept_language=CHINESE) == CHINESE


def test_whoever_is_signed_in_keeps_the_choice_with_their_account(
    client: TestClient, session: Session
) -> None:
    user, other = make.user(session), make.user(session)
    session.execute(update(User).where(User.id == user.id).values(preferences={"theme": "dark"}))
    enter(client, session, user)
    for _ in range(2):
        post(client, "/language", locale=CHINESE)
        assert preferences(session, user) == {"theme": "dark", "locale": CHINESE}
    assert preferences(session, other) == {}


def test_signing_in_brings_the_language_of_the_account(client: TestClient, session: Session) -> None:
    user = make.user(session)
    session.execute(update(User).where(User.id == user.id).values(preferences={"locale": CHINESE}))
    post(client, "/language", locale="en")
    assert sign_in(client, user).text.count("我的队列") > 0
    # The browser's own cookie is kept as well.
    assert language_of(client, "/annotate") == CHINESE


@pytest.mark.parametrize("kept", [{}, {"locale": "fr"}, {"locale": None}, {"locale": ["en"]}])
def test_an_account_without_a_language_of_ours_leaves_the_browser_its_own(
    client: TestClient, session: Session, kept: dict[str, object]
) -> None:
    user = make.user(session)
    session.execute(update(User).where(User.id == user.id).values(preferences=kept))
    post(client, "/language", locale=CHINESE)
    assert "我的队列" in sign_in(client, user).text


def test_refusals_and_corrections_are_in_the_language_too(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    post(client, "/language", locale=CHINESE)
    assert "没有这个页面。" in client.get("/nowhere").text
    assert "此页面仅供标注员和仲裁员使用。" in client.get("/annotate").text
    assert "没有这个项目。" in client.get("/admin/projects/1").text
    short = post(client, "/admin/people", username="someone", password="short", role="annotator")
    assert "请至少输入 10 个字符。" in short.text
    odd = post(client, "/admin/people", username="some one", password=make.PASSWORD, role="annotator")
    assert "只能使用字母、数字和" in odd.text
    forged = client.post("/language", data={"locale": "en"})
    assert "此页面已过期。请重新加载后再试。" in forged.text


def test_values_stay_english_where_their_words_are_shown_in_another_language(
    client: TestClient, session: Session
) -> None:
    annotator = make.user(session)
    enter(client, session, annotator)
    client.cookies.set("locale", CHINESE)
    page = client.get("/annotate/topics").text
    assert 'value="Violence"' in page
    assert "<span>暴力<br>" in page
    assert post(client, "/annotate/topics", opted_out="Violence").status_code == 303
    opted_out = session.scalars(select(User.opted_out).where(User.id == annotator.id)).one()
    assert opted_out == ["Violence"]


def test_readers_at_the_same_time_get_their_own_language(client: TestClient) -> None:
    for _ in range(3):
        assert "登录" in client.get("/sign-in", headers={"accept-language": CHINESE}).text
        assert "登录" not in client.get("/sign-in").text
