"""What is in the house on the first start: a demo vendor with its people and customers, or an empty desk.

Both happen only in a database nobody has signed in to yet, so a vendor's own desk never meets the demo.
Safe to repeat: a later start changes nothing and says again how the demo's people sign in.
"""

from __future__ import annotations

import secrets
import sys
from base64 import b32encode
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, Team, User
from mainstay.advisor import publish as advisor
from mainstay.catalogue import publish, shipped
from mainstay.catalogue.models import Package
from mainstay.config import demo_articles, demo_besides, demo_maintenance, demo_tickets
from mainstay.config.env import env
from mainstay.contracts.signing import sign_contract
from mainstay.customers.models import (
    Contact,
    Customer,
    CustomerDomain,
    Environment,
    Product,
    Release,
    Subscription,
)
from mainstay.staffing.models import Engineer
from mainstay.tickets.models import Category
from mainstay.tickets.scope import seeing

Account = tuple[str, str, str]
"""Role in words, address, password."""

_OFFICE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


@dataclass(frozen=True)
class Person:
    """A member of the demo vendor's staff; those with `skills` can be given tickets."""

    name: str
    roles: tuple[Role, ...]
    zone: str
    team: str = ""
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    dedicated_to: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        return f"{self.name.split()[0].lower()}@vendor.example"


@dataclass(frozen=True)
class Buyer:
    """A customer of the demo vendor. `people` are names; the first manages the others and sees all tickets.
    `ends` is the subscription's last day, in days from now."""

    code: str
    name: str
    domain: str
    zone: str
    country: str
    people: tuple[str, ...]
    subdivision: str = ""
    language: str = "en"
    package: str = ""
    product: str = "atlas"
    ends: int = 400
    tam: str = ""
    phone: str = ""


_BOTH = ("atlas", "beacon")

STAFF = (
    Person(
        "Mara Lindqvist",
        (Role.ENGINEER,),
        "Europe/Stockholm",
        "support",
        _BOTH,
        ("en", "sv", "de"),
        ("critical",),
    ),
    Person("Sanjay Iyer", (Role.ENGINEER,), "Asia/Kolkata", "support", ("atlas",), ("en", "hi", "ja")),
    Person("Ifeoma Adeyemi", (Role.TRIAGE,), "Europe/London", "support", ("beacon",), ("en", "fr")),
    Person("Hana Sato", (Role.MANAGER,), "Asia/Tokyo", "product", _BOTH, ("ja", "en")),
    Person("Owen Blake", (Role.TAM,), "Australia/Sydney"),
    Person("Lena Horvat", (Role.SALES,), "Europe/London", "billing", _BOTH, ("en", "hr")),
    Person("Ruth Castellan", (Role.ADMINISTRATOR,), "Europe/London"),
    Person("Dmitri Vale", (Role.AUDITOR,), "Europe/London"),
)

TEAMS = (
    ("support", "Support", [Category.TECHNICAL, Category.ENQUIRY]),
    ("billing", "Billing", [Category.BILLING]),
    ("product", "Product", [Category.FEATURE]),
)

CUSTOMERS = (
    Buyer(
        "HARBOURLINE", "Harbourline Health", "harbourline.example", "Australia/Sydney", "AU",
        ("Priya Raman", "Tom Okafor"), subdivision="NSW", package="critical", tam="owen@vendor.example",
        phone="+61 2 5550 0100",
    ),
    Buyer(
        "KITANO", "Kitano Rail", "kitano.example", "Asia/Tokyo", "JP", ("Aiko Mori",),
        language="ja", package="high", phone="+81 3 5550 0100",
    ),
    Buyer(
        "FERNLEIGH", "Fernleigh Schools", "fernleigh.example", "Europe/London", "GB", ("Beth Ellis",),
        subdivision="ENG", package="standard", product="beacon",
    ),
    Buyer("QUILL", "Quill & Sons", "quill.example", "America/New_York", "US", ("Jonah Quill",)),
    Buyer("LAPSED", "Lapsed Ltd", "lapsed.example", "Europe/Dublin", "IE", ("Nora Pike",), ends=-40),
    Buyer(
        "CORVID", "Corvid Energy", "corvid.example", "Europe/Oslo", "NO", ("Edgar Crowe",), package="standard"
    ),
)  # fmt: skip


def create(at: datetime | None = None, password: str | None = None) -> list[Account]:
    """Make the demo vendor in an untouched database; how its people sign in, as long as nobody changed that.

    Empty for a database that holds somebody's own desk.
    """
    at = (at or datetime.now(UTC)).replace(microsecond=0)
    password = password or _demo_password()
    if not User.objects.exists():
        with transaction.atomic(), seeing(None):
            vendor(at, password)
            demo_maintenance.older_releases()
            demo_tickets.create(at)
            demo_maintenance.create(at)
            demo_articles.create(at)
            demo_besides.create(at)
    return _accounts(password)


def install_empty(at: datetime | None = None) -> list[Account]:
    """The shipped catalogue and one administrator whose password is told this once; empty when not the first."""
    at = (at or datetime.now(UTC)).replace(microsecond=0)
    with transaction.atomic():
        shipped.install(at)
        advisor.install(at)
        if User.objects.exists():
            return []
        email = f"admin@{env().support_address.rpartition('@')[2]}"
        password = secrets.token_urlsafe(12)
        User.objects.create_user(email, "Administrator", password, roles=[Role.ADMINISTRATOR])
    return [("Administrator", email, password)]


def main(argv: list[str]) -> int:
    """`mainstay demo`: make the demo vendor and print how to sign in; 1 when there is a desk already."""
    accounts = create()
    for role, email, password in accounts:
        print(f"{role:<28} {email:<30} {password}")
    if not accounts:
        print("this database is in use; the demo vendor is made only in an empty one", file=sys.stderr)
    return 0 if accounts else 1


# ---- the vendor


def vendor(at: datetime, password: str) -> None:
    """The demo vendor's catalogue, people, products and customers with their contracts, all at once."""
    by = Actor.system("Demo")
    shipped.install(at, by)
    advisor.install(at, by)
    hashed = make_password(password)  # once: a hash takes a while on purpose
    _staff(hashed)
    _products(at.date())
    _customers(hashed, at.date())
    _contracts(at, by)


def _staff(hashed: str) -> None:
    users = User.objects.bulk_create(
        User(
            email=one.email, name=one.name, roles=list(one.roles), time_zone=one.zone,
            language=one.languages[0], password=hashed,
        )
        for one in STAFF
    )  # fmt: skip
    teams = {
        team.code: team
        for team in Team.objects.bulk_create(
            Team(code=code, name=name, categories=list(categories)) for code, name, categories in TEAMS
        )
    }
    pairs = list(zip(STAFF, users, strict=True))
    membership = Team.members.through
    membership.objects.bulk_create(
        membership(team_id=teams[one.team].pk, user_id=user.pk) for one, user in pairs if one.team
    )
    Engineer.objects.bulk_create(
        Engineer(
            user=user, skills=list(one.skills), languages=list(one.languages), week=_OFFICE,
            dedicated_to=list(one.dedicated_to),
        )
        for one, user in pairs if one.skills
    )  # fmt: skip


def _products(today: date) -> None:
    atlas, beacon = Product.objects.bulk_create(
        [Product(code="atlas", name="Atlas Directory"), Product(code="beacon", name="Beacon Sync")]
    )
    lives = (
        (atlas, "6.4", -900, -420, -60),
        (atlas, "7.0", -400, -20, 330),
        (atlas, "7.1", -60, 300, 670),
        (beacon, "3.2", -200, 180, 500),
    )
    Release.objects.bulk_create(
        Release(
            product=product,
            version=version,
            released_on=today + timedelta(days=born),
            maintained_until=today + timedelta(days=dies),
            phases={"full": (today + timedelta(days=whole)).isoformat()},
        )
        for product, version, born, whole, dies in lives
    )


def _customers(hashed: str, today: date) -> None:
    staff = {user.email: user for user in User.objects.exclude(roles=[])}
    rows = Customer.objects.bulk_create(
        Customer(
            code=one.code, name=one.name, time_zone=one.zone, country=one.country,
            subdivision=one.subdivision, language=one.language, tam=staff.get(one.tam),
        )
        for one in CUSTOMERS
    )  # fmt: skip
    pairs = list(zip(CUSTOMERS, rows, strict=True))
    CustomerDomain.objects.bulk_create(CustomerDomain(customer=row, domain=one.domain) for one, row in pairs)
    _people(hashed, pairs)
    _systems(today, pairs)


def _people(hashed: str, pairs: list[tuple[Buyer, Customer]]) -> None:
    contacts = [
        Contact(
            customer=row, name=name, email=f"{name.split()[0].lower()}@{one.domain}",
            sees=Contact.Sees.OWN if place else Contact.Sees.ALL, is_admin=not place,
        )
        for one, row in pairs for place, name in enumerate(one.people)
    ]  # fmt: skip
    users = User.objects.bulk_create(
        User(
            email=one.email, name=one.name, time_zone=one.customer.time_zone,
            language=one.customer.language, password=hashed,
        )
        for one in contacts
    )  # fmt: skip
    for contact, user in zip(contacts, users, strict=True):
        contact.user = user
    Contact.objects.bulk_create(contacts)


def _systems(today: date, pairs: list[tuple[Buyer, Customer]]) -> None:
    """What each customer runs, and its subscription."""
    newest: dict[str, Release] = {}
    for release in Release.objects.select_related("product").order_by("released_on"):
        newest[release.product.code] = release
    Subscription.objects.bulk_create(
        Subscription(
            customer=row, product=newest[one.product].product,
            starts_on=today - timedelta(days=800), ends_on=today + timedelta(days=one.ends),
        )
        for one, row in pairs
    )  # fmt: skip
    Environment.objects.bulk_create(
        Environment(
            customer=row,
            name=name,
            kind=kind,
            product=newest[one.product].product,
            release=newest[one.product],
        )
        for one, row in pairs
        for name, kind in (("Production", "production"), ("Test", "test"))
    )


def _contracts(at: datetime, by: Actor) -> None:
    """For the year before, this one and the next."""
    packages = {package.code: package for package in publish.current_packages()}
    customers = {customer.code: customer for customer in Customer.objects.all()}
    for one in CUSTOMERS:
        if one.package:
            _sign(one, customers[one.code], packages[one.package], at, by)


def _sign(one: Buyer, customer: Customer, package: Package, at: datetime, by: Actor) -> None:
    sign_contract(
        customer=customer,
        number=f"{one.code[:2]}-{at.year - 1}-1",
        package=package,
        first_day=date(at.year - 1, 1, 1),
        last_day=date(at.year + 1, 12, 31),
        signed_on=date(at.year - 2, 12, 1),
        phone_number=one.phone,
        by=by,
        at=at,
    )


# ---- how its people sign in


def _demo_password() -> str:
    """One for all of them, the same on every start of this installation and of no other."""
    return "demo-" + b32encode(env().key("demo password"))[:10].decode().lower()


def _accounts(password: str) -> list[Account]:
    """The demo's people who still have the demo's password."""
    told = {one.email: ", ".join(Role(role).label for role in one.roles) for one in STAFF}
    for one in CUSTOMERS:
        for name in one.people:
            told[f"{name.split()[0].lower()}@{one.domain}"] = f"Contact, {one.name}"
    hashes = dict(User.objects.filter(email__in=told, is_active=True).values_list("email", "password"))
    unchanged = {hashed for hashed in set(hashes.values()) if check_password(password, hashed)}
    return [(role, email, password) for email, role in told.items() if hashes.get(email) in unchanged]
