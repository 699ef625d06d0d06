"""The demo vendor of the first start, and the empty desk."""

import os
import subprocess
import sys
from datetime import timedelta

from cast import NOW, PASSWORD
from mainstay.accounts.models import StandIn, User
from mainstay.catalogue import publish
from mainstay.config import demo
from mainstay.contracts.entitlement import entitlement_at
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer, CustomerNote
from mainstay.maintenance.models import Review, Task
from mainstay.tickets import appointments
from mainstay.tickets.models import Event, Link, Snooze


def test_the_demo_has_a_customer_of_every_kind(db):
    demo.create(NOW, PASSWORD)
    kinds = {one.code: entitlement_at(one, NOW) for one in Customer.objects.all()}
    assert {code: (found.kind, found.level and found.level.code) for code, found in kinds.items()} == {
        "HARBOURLINE": ("contract", "critical"),
        "KITANO": ("contract", "high"),
        "FERNLEIGH": ("contract", "standard"),
        "CORVID": ("contract", "standard"),
        "QUILL": ("included", "included"),
        "LAPSED": ("none", None),
    }


def test_a_later_start_changes_nothing_and_says_again_how_to_sign_in(db):
    first = demo.create(NOW, PASSWORD)
    again = demo.create(NOW, PASSWORD)
    assert first == again
    assert ("Support engineer", "mara@vendor.example", PASSWORD) in again
    assert ("Contact, Harbourline Health", "priya@harbourline.example", PASSWORD) in again
    assert (User.objects.count(), Contract.objects.count()) == (15, 4)


def test_a_changed_password_is_not_told(db):
    demo.create(NOW, PASSWORD)
    mara = User.objects.get(email="mara@vendor.example")
    mara.set_password("a password of her own")
    mara.save()
    assert "mara@vendor.example" not in [email for _, email, _ in demo.create(NOW, PASSWORD)]


def test_an_empty_desk_has_the_catalogue_and_one_administrator_told_once(db):
    [(role, email, password)] = demo.install_empty(NOW)
    assert (role, email) == ("Administrator", "admin@vendor.example")
    assert User.objects.get().check_password(password)
    assert len(publish.current_levels()) == 4
    assert demo.install_empty(NOW) == []


def test_the_demo_never_comes_to_a_desk_in_use(db):
    demo.install_empty(NOW)
    assert demo.create(NOW, PASSWORD) == []
    assert not Customer.objects.exists()


def test_the_command_makes_it_and_prints_the_same_password_on_every_start(environ):
    program = "import django, sys; django.setup(); from mainstay.config.demo import main; sys.exit(main([]))"
    environ |= {"DJANGO_SETTINGS_MODULE": "mainstay.config.settings"}
    said = [
        subprocess.run(
            [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert said[0] == said[1]
    assert len(said[0].splitlines()) == 15
    assert os.path.exists(environ["MAINSTAY_DATA"] + "/secret.key")


def test_a_newcomer_meets_each_thing_that_a_desk_has_besides_requests(db):
    demo.create(NOW, PASSWORD)
    mara = User.objects.get(email="mara@vendor.example")
    assert Task.objects.filter(
        ticket__isnull=False, owner=mara, due_on=NOW.date() + timedelta(days=1)
    ).exists()
    assert appointments.of(mara, since=NOW, until=NOW + timedelta(days=2)).count() == 1
    assert Snooze.objects.get(user=mara).until > NOW
    assert Event.objects.get(kind="noted", after__mentioned=[mara.pk]).ticket.subject.startswith(
        "Directory sync"
    )
    assert Link.objects.get(kind="blocks").other.subject.startswith("Badge")
    assert [held.held_on is None for held in Review.objects.order_by("pk")] == [False, True]
    assert CustomerNote.objects.get(pinned=True).customer.code == "HARBOURLINE"
    there = StandIn.objects.get()
    assert NOW < there.starts_at < NOW + timedelta(days=3)


def test_the_demo_has_tickets_in_every_step_with_true_clocks(db):
    from mainstay.tickets import verify
    from mainstay.tickets.models import Ticket

    demo.create(password="correct horse battery")
    tickets = list(Ticket.objects.select_related("level"))
    assert {ticket.step for ticket in tickets} == {"triage", "dispatch", "resolution", "closure"}
    assert {ticket.state for ticket in tickets} >= {
        "open",
        "waiting_on_customer",
        "solution_proposed",
        "closed",
    }
    assert [line for ticket in tickets for line in verify.differences(ticket)] == []
