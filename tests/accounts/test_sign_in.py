"""Signing in by link and by password (ATTACKS 56, 57)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from cast import NOW, PASSWORD
from mainstay.accounts import sign_in
from mainstay.accounts.models import SignInLink
from mainstay.errors import Refused

HOUR = timedelta(hours=1)


def test_a_link_lets_its_owner_in_once(cast):
    token = sign_in.make_link(cast.priya.user, NOW)
    assert sign_in.use_link(token, NOW) == cast.priya.user
    with pytest.raises(Refused, match="link: was used already or is older than an hour"):
        sign_in.use_link(token, NOW)


def test_a_link_lasts_an_hour(cast):
    token = sign_in.make_link(cast.priya.user, NOW)
    with pytest.raises(Refused, match="link"):
        sign_in.use_link(token, NOW + HOUR)
    assert sign_in.use_link(token, NOW + HOUR - timedelta(seconds=1)) == cast.priya.user


@pytest.mark.parametrize("token", ["", "guess", "\ud800", "x" * 10_000])
def test_a_guessed_link_is_refused_in_the_same_words(cast, token):
    with pytest.raises(Refused, match="link: was used already or is older than an hour"):
        sign_in.use_link(token, NOW)


def test_the_link_of_somebody_who_left_is_refused(cast):
    token = sign_in.make_link(cast.mara, NOW)
    cast.mara.is_active = False
    cast.mara.save()
    with pytest.raises(Refused, match="link"):
        sign_in.use_link(token, NOW)


def test_the_token_itself_is_not_kept(cast):
    token = sign_in.make_link(cast.priya.user, NOW)
    assert token not in SignInLink.objects.get().digest


def test_of_two_who_use_a_link_at_once_one_comes_in(cast, live_db):
    token = sign_in.make_link(cast.priya.user, NOW)

    def use(_):
        try:
            return sign_in.use_link(token, NOW)
        except Refused:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        came_in = [user for user in people.map(use, range(4)) if user]
    assert came_in == [cast.priya.user]


def test_the_right_password_lets_in_and_forgets_the_wrong_ones(cast):
    for _ in range(9):
        assert sign_in.try_password("mara@vendor.example", "guess", NOW).user is None
    assert sign_in.try_password(" Mara@Vendor.example", PASSWORD, NOW).user == cast.mara
    assert sign_in.try_password("mara@vendor.example", "guess", NOW).wait is None


def test_after_ten_wrong_tries_even_the_right_password_waits_but_the_link_works(cast):
    for minute in range(10):
        sign_in.try_password("mara@vendor.example", "guess", NOW + timedelta(minutes=minute))
    at = NOW + timedelta(minutes=10)
    tried = sign_in.try_password("mara@vendor.example", PASSWORD, at)
    assert (tried.user, tried.wait) == (None, timedelta(minutes=50))
    assert tried.message == "Too many tries. Wait 50 minutes, or sign in by link."
    assert sign_in.use_link(sign_in.make_link(cast.mara, at), at) == cast.mara
    assert sign_in.try_password("mara@vendor.example", PASSWORD, NOW + HOUR).user == cast.mara


def test_an_unknown_address_gets_the_same_words_and_the_same_limit(cast):
    known = [sign_in.try_password("mara@vendor.example", "guess", NOW) for _ in range(11)]
    unknown = [sign_in.try_password("nobody@vendor.example", "guess", NOW) for _ in range(11)]
    assert known == unknown


def test_who_left_or_never_had_a_password_cannot_sign_in_with_one(cast):
    cast.mara.is_active = False
    cast.mara.save()
    cast.sanjay.set_unusable_password()
    cast.sanjay.save()
    assert sign_in.try_password("mara@vendor.example", PASSWORD, NOW).user is None
    assert sign_in.try_password("sanjay@vendor.example", "", NOW).user is None


def test_old_links_and_tries_are_forgotten(cast):
    sign_in.make_link(cast.mara, NOW)
    sign_in.try_password("mara@vendor.example", "guess", NOW)
    assert sign_in.forget_old_links(NOW + HOUR) == 0
    assert sign_in.forget_old_links(NOW + timedelta(days=2)) == 2
