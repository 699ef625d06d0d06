"""The named cast: the people and customers that the tests speak of, as in the demo vendor.

Staff: Mara Lindqvist and Sanjay Iyer (engineers), Ifeoma Adeyemi (triage), Hana Sato (manager), Owen Blake (TAM of
Harbourline), Lena Horvat (sales), Ruth Castellan (administrator), Dmitri Vale (auditor).
Customers: Harbourline Health (Business Critical, Sydney: Priya Raman sees all, Tom Okafor his own), Kitano Rail (High
Priority, Tokyo: Aiko Mori), Fernleigh Schools (Standard Business, London: Beth Ellis), Quill & Sons (included:
Jonah Quill), Lapsed Ltd (not entitled: Nora Pike), and Corvid Energy, whose Edgar Crowe must see nothing of others.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Team, User
from mainstay.config import demo
from mainstay.customers.models import Contact, Customer, Environment, Product

NOW = datetime(2026, 3, 2, 5, 30, tzinfo=UTC)
"""A Monday: 16:30 in Sydney, 14:30 in Tokyo, 05:30 in London. Contracts hold from 2025 to 2027."""
Named = dict[str, Any]
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Cast:
    """Everybody by first name, customers by the first word of theirs."""

    mara: User
    sanjay: User
    ifeoma: User
    hana: User
    owen: User
    lena: User
    ruth: User
    dmitri: User

    harbourline: Customer
    kitano: Customer
    fernleigh: Customer
    quill: Customer
    lapsed: Customer
    corvid: Customer

    priya: Contact
    tom: Contact
    aiko: Contact
    beth: Contact
    jonah: Contact
    nora: Contact
    edgar: Contact

    atlas: Product
    beacon: Product
    support: Team
    billing: Team
    product: Team

    def production(self, customer: Customer) -> Environment:
        """The customer's production system."""
        return customer.environments.select_related("product", "release").get(name="Production")


def make(at: datetime = NOW) -> Cast:
    """The whole cast in the database of this test; passwords are `PASSWORD`."""
    demo.vendor(at, PASSWORD)
    users: Named = {user.name.split()[0].lower(): user for user in User.objects.exclude(roles=[])}
    customers: Named = {
        customer.name.split()[0].lower(): customer for customer in Customer.objects.select_related("tam")
    }
    contacts: Named = {
        contact.name.split()[0].lower(): contact
        for contact in Contact.objects.select_related("customer", "user")
    }
    products: Named = {product.code: product for product in Product.objects.all()}
    teams: Named = {team.code: team for team in Team.objects.all()}
    return Cast(**users, **customers, **contacts, **products, **teams)


def acting(who: User | Contact) -> Actor:
    """`by=` for a verb: a member of staff or a contact."""
    return Actor.contact(who.pk, who.name) if isinstance(who, Contact) else Actor.staff(who)
