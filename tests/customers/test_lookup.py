"""Who an address belongs to, and why (I1; ATTACKS 12)."""

import pytest

from cast import NOW, acting
from mainstay.accounts.models import User
from mainstay.customers import lookup
from mainstay.customers.lookup import by_address
from mainstay.customers.models import Contact
from mainstay.errors import Refused


def add(cast, customer, email="new@harbourline.example", name="Noor Haddad", **more):
    return lookup.add_contact(
        customer=customer, email=email, name=name, by=acting(cast.priya), at=NOW, **more
    )


def add_domain(cast, customer, domain):
    return lookup.add_domain(customer=customer, domain=domain, by=acting(cast.ruth), at=NOW)


def test_a_contacts_address_is_found_however_it_is_spelt(cast):
    found = by_address("  PRIYA@Harbourline.EXAMPLE ")
    assert (found.contact, found.customer) == (cast.priya, cast.harbourline)
    assert found.because == "priya@harbourline.example is Priya Raman of Harbourline Health."


def test_a_new_person_is_known_by_the_domain(cast):
    found = by_address("stranger@harbourline.example")
    assert (found.contact, found.customer) == (None, cast.harbourline)
    assert (
        found.because
        == "Mail from harbourline.example is from Harbourline Health; the person is not known yet."
    )


@pytest.mark.parametrize(
    "address",
    [
        "someone@nowhere.example",
        "priya@mail.harbourline.example",
        "priya@harbourline.example.nowhere.example",
    ],
)
def test_a_stranger_is_nobodys(cast, address):
    found = by_address(address)
    assert (found.contact, found.customer) == (None, None)
    assert "is known" in found.because


@pytest.mark.parametrize(
    "address",
    [
        "",
        "no address",
        "@harbourline.example",
        "priya@",
        "a@b",
        "x" * 400,
        "a@-b-.example",
        "a@\ud800.example",
    ],
)
def test_what_is_no_address_is_nobodys_and_never_an_error(cast, address):
    assert by_address(address).because == "The address cannot be read."


@pytest.mark.parametrize(
    "address",
    [
        "priya@harbоurline.example",  # a Cyrillic o
        "priya@ｈarbourline.example",  # a full-width h
        "priya@har\u00adbourline.example",  # a soft hyphen
        "рriya@kitano.example",  # a Cyrillic r
        "\u212aey@kitano.example",  # the kelvin sign
    ],
)
def test_letters_that_look_alike_never_match_a_contact(cast, address):
    add(cast, cast.kitano, "key@kitano.example")
    assert by_address(address).contact is None
    if "kitano" not in address:
        assert by_address(address).customer is None


def test_a_domain_of_other_letters_is_the_same_in_both_spellings(cast):
    assert add_domain(cast, cast.quill, "Bücher.example").domain == "xn--bcher-kva.example"
    assert (
        by_address("jo@bücher.example").customer
        == by_address("jo@xn--bcher-kva.example").customer
        == cast.quill
    )


def test_15_35_a_person_of_several_customers_is_the_one_recorded_first_and_the_others_are_listed(cast):
    second = add(cast, cast.kitano, "priya@harbourline.example", "Priya Raman")
    found = by_address("priya@harbourline.example")
    assert (found.contact, found.others, found.ambiguous) == (cast.priya, (second,), True)
    assert found.because.endswith("is also a contact of Kitano Rail; the one recorded first was taken.")
    assert second.user == cast.priya.user


def test_looking_up_costs_at_most_two_queries(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        by_address("priya@harbourline.example")
    with django_assert_num_queries(2):
        by_address("stranger@harbourline.example")


def test_a_new_contact_may_sign_in_by_link_and_sees_their_own_tickets(cast):
    contact = add(cast, cast.harbourline, "Noor@Harbourline.example")
    assert (contact.email, contact.sees, contact.is_admin) == ("noor@harbourline.example", "own", False)
    assert contact.user.time_zone == "Australia/Sydney"
    assert not contact.user.has_usable_password()
    assert not contact.user.is_staff_member


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"customer": None}, "customer: is missing; a contact is a person of some customer"),
        ({"email": "nowhere"}, "email: must be one mail address"),
        ({"email": "a b@harbourline.example"}, "email: must be one mail address"),
        ({"email": "a@b@harbourline.example"}, "email: must be one mail address"),
        ({"email": "a\x00@harbourline.example"}, "email: holds characters"),
        (
            {"email": "Priya@harbourline.example"},
            "email: priya@harbourline.example is a contact of Harbourline",
        ),
        ({"name": " "}, "name: must be a name"),
        ({"name": "x" * 201}, "name: must be a name"),
        ({"sees": "everything"}, "sees: is 'everything'; it may be own, team, all"),
    ],
)
def test_a_contact_that_cannot_be_is_refused(cast, wrong, says):
    before = Contact.objects.count(), User.objects.count()
    with pytest.raises(Refused, match=says):
        add(cast, **({"customer": cast.harbourline} | wrong))
    assert (Contact.objects.count(), User.objects.count()) == before


@pytest.mark.parametrize(
    ("domain", "says"),
    [
        ("GMail.com", "gmail.com is a public mail service"),
        ("kitano.example", "kitano.example belongs to Kitano Rail already"),
        ("localhost", "must be a domain"),
        ("a b.example", "must be a domain"),
        ("ｋitano.example", "is not kitano.example, though it looks like it"),
    ],
)
def test_a_domain_that_cannot_be_is_refused(cast, domain, says):
    with pytest.raises(Refused, match=says):
        add_domain(cast, cast.quill, domain)
