"""Signing in through the pages: what is told, what is counted, what a link is good for (ATTACKS 56 to 62)."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from cast import PASSWORD, Cast
from mainstay.accounts import sign_in
from mainstay.accounts.models import PasswordTry, SignInLink, User
from mainstay.notices import links
from mainstay.notices.models import Delivery

EVIL = (
    "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example/",
    "http:///evil.example", "///evil.example", "/%09/evil.example", "/\t/evil.example", "\t//evil.example",
    " //evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example", "//evil.example/%2f..",
    "https://testserver@evil.example", "/\x00/evil.example", "//\ud800evil.example", "/\r\nLocation: //evil.example",
    "%0d%0aLocation:%20//evil.example",
)  # fmt: skip


def sends(client: Client, address: str, **fields: str) -> Any:
    """A form as bytes, so that it may hold what no browser sends."""
    body = urlencode(fields, errors="surrogatepass")
    return client.post(address, body, content_type="application/x-www-form-urlencoded")


def enters(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return sends(client, "/sign-in", email=email, password=password, **more)


def leads(response: Any, page: str) -> str:
    """Where a browser on `page` of this host goes then, as it reads the answer."""
    place = response["Location"]
    assert not re.search(r"[\x00-\x1f\\]", place), place
    return urljoin(f"https://testserver{page}", place)


def words(response: Any) -> str:
    """The page without the token of its form and what was typed into it."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())
    return re.sub(r'value="[^"]*@[^"]*"', "", page)


def mailed(client: Client, email: str, **headers: Any) -> str:
    """Asks for a link; the address in the mail."""
    client.post("/sign-in/link", {"email": email}, headers=headers)
    text = Delivery.objects.filter(template="sign_in", recipient=email).latest("pk").text
    found = re.search(r"https?://\S+", text)
    assert found, text
    return found[0]


def path(url: str) -> str:
    return url.removeprefix(settings.BASE_URL)


# ---- by password


@pytest.mark.parametrize(
    ("name", "goes"), [("mara", "/desk/"), ("dmitri", "/desk/"), ("priya", "/"), ("edgar", "/")]
)
def test_everybody_signs_in_with_a_password_and_lands_where_they_belong(
    cast: Cast, client: Client, name: str, goes: str
) -> None:
    assert enters(client, getattr(cast, name).email)["Location"] == "/"
    first = client.get("/")
    assert (first["Location"] if first.status_code == 302 else "/") == goes


def test_an_unknown_address_and_a_wrong_password_read_the_same__attack_56(cast: Cast, client: Client) -> None:
    known = enters(client, "mara@vendor.example", "wrong")
    unknown = enters(client, "nobody@vendor.example", "wrong")
    assert (known.status_code, unknown.status_code) == (422, 422)
    assert words(known) == words(unknown)
    assert len(known.content) - len(unknown.content) == len("mara") - len("nobody")


def test_asking_for_a_link_reads_the_same_for_an_unknown_address__attack_56(
    cast: Cast, client: Client
) -> None:
    answers = [
        client.post("/sign-in/link", {"email": email})
        for email in (cast.priya.email, "x@harbourline.example")
    ]
    assert [one.status_code for one in answers] == [200, 200]
    texts = [words(one).replace(cast.priya.email, "").replace("x@harbourline.example", "") for one in answers]
    assert texts[0] == texts[1]
    assert Delivery.objects.filter(template="sign_in").count() == 1


def test_somebody_whose_access_ended_gets_neither_page_nor_mail(cast: Cast, client: Client) -> None:
    User.objects.filter(pk=cast.mara.pk).update(is_active=False)
    assert enters(client, cast.mara.email).status_code == 422
    assert client.post("/sign-in/link", {"email": cast.mara.email}).status_code == 200
    assert not Delivery.objects.exists()


def test_after_ten_wrong_tries_one_waits_and_the_link_still_works__attack_57(
    cast: Cast, client: Client
) -> None:
    for _ in range(10):
        assert "do not belong together" in enters(client, "mara@vendor.example", "guess").content.decode()
    waiting = enters(client, "mara@vendor.example")
    assert waiting.status_code == 422
    assert "Too many tries. Wait 60 minutes, or sign in by link." in waiting.content.decode()
    assert PasswordTry.objects.count() == 10
    assert client.post(path(mailed(client, "mara@vendor.example"))).status_code == 302
    assert client.get("/desk/").status_code == 200


def test_tries_from_many_places_count_for_the_address__attack_57(cast: Cast) -> None:
    for n in range(10):
        enters(Client(REMOTE_ADDR=f"192.0.2.{n}"), "MARA@vendor.example ", "guess")
    assert "Too many tries" in enters(Client(), "mara@vendor.example").content.decode()
    assert enters(Client(), "sanjay@vendor.example").status_code == 302


# ---- by link


def test_a_link_works_once_by_its_button_and_not_by_being_followed__attack_59(
    cast: Cast, client: Client
) -> None:
    link = path(mailed(client, cast.priya.email))
    for _ in range(3):
        assert client.get(link).status_code == 200
    assert "_auth_user_id" not in client.session
    assert client.post(link)["Location"] == "/"
    assert client.get("/").status_code == 200
    again = Client()
    assert again.post(link)["Location"] == "/sign-in/link"
    assert "was used already or is older than an hour" in again.get("/sign-in/link").content.decode()
    assert "_auth_user_id" not in again.session


@pytest.mark.parametrize("token", ["guess", "x" * 5000, "%00", "%ED%A0%80", "null", "0", "..%2f..%2f"])
def test_no_other_token_lets_anybody_in__attack_59(cast: Cast, client: Client, token: str) -> None:
    sign_in.make_link(cast.priya.user, timezone.now())  # type: ignore[arg-type]
    response = client.post(f"/sign-in/link/{token}")
    assert response.status_code in {302, 404}
    assert "_auth_user_id" not in client.session


def test_a_link_is_good_for_an_hour__attack_59(cast: Cast, client: Client) -> None:
    link = path(mailed(client, cast.priya.email))
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post(link)["Location"] == "/sign-in/link"
    assert "_auth_user_id" not in client.session


def test_the_token_is_kept_nowhere_as_it_is__attack_63(cast: Cast, client: Client) -> None:
    token = path(mailed(client, cast.priya.email)).rpartition("/")[2]
    assert not SignInLink.objects.filter(digest=token).exists()
    assert len(SignInLink.objects.get().digest) == 64


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"x-forwarded-host": "evil.example"},
        {"host": "evil.example:80"},
        {"x-forwarded-proto": "https", "x-forwarded-host": "evil.example"},
        {"forwarded": "host=evil.example"},
    ],
)
def test_the_link_in_the_mail_is_built_from_the_settings_alone__attack_58(
    cast: Cast, client: Client, headers: dict[str, str]
) -> None:
    link = mailed(client, cast.priya.email, **headers)
    assert link.startswith(f"{settings.BASE_URL}/sign-in/link/")
    assert "evil" not in Delivery.objects.latest("pk").text
    assert links.make("view", 1, address="a@b.example").startswith(f"{settings.BASE_URL}/r/")


# ---- sessions


def test_the_session_is_another_one_after_signing_in__attack_60(cast: Cast, client: Client) -> None:
    client.get("/sign-in")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = before = session.session_key
    enters(client, "mara@vendor.example")
    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert after != before
    planted = Client()
    planted.cookies[settings.SESSION_COOKIE_NAME] = before
    assert planted.get("/desk/").status_code == 302


def test_somebody_else_signing_in_takes_nothing_of_the_session_over__attack_60(
    cast: Cast, client: Client
) -> None:
    enters(client, cast.priya.email)
    session = client.session
    session["opened_by_form"] = {"k": 1}
    session.save()
    enters(client, cast.edgar.email)
    assert "opened_by_form" not in client.session


def test_a_new_password_ends_all_other_sessions__attack_60(cast: Cast) -> None:
    here, there = Client(), Client()
    for one in (here, there):
        enters(one, "mara@vendor.example")
    cast.mara.set_password("another good one")
    cast.mara.save()
    assert [one.get("/desk/").status_code for one in (here, there)] == [302, 302]


def test_signing_out_ends_the_session_and_only_by_its_button(cast: Cast, client: Client) -> None:
    enters(client, "mara@vendor.example")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.get("/sign-out").status_code == 405
    client.post("/sign-out")
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert stolen.get("/desk/").status_code == 302


def test_cookies_are_out_of_the_reach_of_scripts_and_other_sites(cast: Cast, client: Client) -> None:
    cookie = enters(client, "mara@vendor.example").cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_signing_in_needs_the_token_of_its_form__attack_61(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    assert enters(client, "mara@vendor.example").status_code == 403
    assert client.post(f"/sign-in/link/{sign_in.make_link(cast.mara, timezone.now())}").status_code == 403


# ---- where one is led afterwards


@pytest.mark.parametrize("wanted", EVIL)
def test_after_signing_in_one_stays_here__attack_62(cast: Cast, client: Client, wanted: str) -> None:
    response = enters(client, "mara@vendor.example", next=wanted)
    assert response.status_code == 302
    assert leads(response, "/sign-in").startswith("https://testserver/")


@pytest.mark.parametrize("wanted", EVIL)
def test_the_page_of_signing_in_leads_nowhere_else_by_its_address__attack_62(
    cast: Cast, client: Client, wanted: str
) -> None:
    page = client.get("/sign-in", {"next": wanted.encode("utf-8", "surrogatepass")})
    assert page.status_code == 200
    assert not re.search(r"""(href|action|content)=["'][^"']*evil""", page.content.decode())


@pytest.mark.parametrize("wanted", ["/desk/tickets/1042", "/requests?show=closed"])
def test_one_comes_to_the_page_one_wanted(cast: Cast, client: Client, wanted: str) -> None:
    led = client.get(wanted)["Location"]
    page = client.get(led).content.decode()
    asked = re.search(r'name="next" value="([^"]*)"', page)
    assert asked is not None
    assert enters(client, "mara@vendor.example", next=asked[1])["Location"] == wanted


@pytest.mark.parametrize("wanted", EVIL)
def test_the_choice_of_colours_leads_nowhere_else__attack_62(db: Any, client: Client, wanted: str) -> None:
    response = sends(client, "/ui/theme", theme="dark", next=wanted)
    assert leads(response, "/ui/theme").startswith("https://testserver/")


# ---- a password of one's own


def test_a_new_password_needs_the_old_one_and_ends_all_other_sessions__attack_60(cast: Cast) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        assert enters(client, "mara@vendor.example").status_code == 302
    fresh = {"new_password1": "a new and longer one", "new_password2": "a new and longer one"}
    assert here.post("/password", {"old_password": "wrong", **fresh}).status_code == 422
    assert here.post("/password", {"old_password": PASSWORD, **fresh}).status_code == 302
    assert here.get("/desk/").status_code == 200
    assert there.get("/desk/").status_code == 302


def test_who_came_by_link_may_choose_a_first_password_that_is_long_enough(cast: Cast, client: Client) -> None:
    cast.mara.set_unusable_password()
    cast.mara.save()
    client.force_login(cast.mara)
    assert client.post("/password", {"new_password1": "short", "new_password2": "short"}).status_code == 422
    fresh = {"new_password1": "a new and longer one", "new_password2": "a new and longer one"}
    assert client.post("/password", fresh).status_code == 302
    cast.mara.refresh_from_db()
    assert cast.mara.check_password("a new and longer one")
