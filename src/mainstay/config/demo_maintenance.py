"""What the demo vendor maintains: an advisory told and partly read, an end of life to come, tasks that are due."""

from __future__ import annotations

from datetime import datetime, timedelta

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.customers.models import Contact, Environment, Product, Release
from mainstay.maintenance import publish, tasks, telling
from mainstay.maintenance.models import Publication, Reading

ADVISORY = {
    "en": (
        "Atlas Directory: a crafted name may pass sign-in",
        "Somebody who may create users can give one a name that passes the check of groups.\n\n"
        "Take 7.1.2, or until then let nobody but administrators create users. We know of no case where it was used.",
    ),
    "ja": (
        "Atlas Directory: 細工された名前によるサインインの回避",
        "ユーザーを作成できる者が、グループの確認を通過する名前を付けられる可能性があります。\n\n"
        "7.1.2 を適用してください。それまでは管理者以外にユーザーを作成させないでください。",
    ),
}


def create(at: datetime) -> None:
    """Made once, after the vendor and its tickets."""
    by = Actor.staff(User.objects.get(email="hana@vendor.example"))
    _systems()
    _advisory(at - timedelta(days=2), by)
    _end_of_life(at - timedelta(hours=3), by)
    _tasks(at, by)
    while telling.step(at - timedelta(days=2)):
        pass
    priya = Contact.objects.get(email="priya@harbourline.example")
    publish.read(
        Publication.objects.get(kind="advisory"), priya, how=Reading.How.LINK, at=at - timedelta(days=1)
    )


def older_releases() -> None:
    """Who does not run the newest: one is out of maintenance, one has maintenance; before their tickets."""
    for customer, name, version in (("KITANO", "Test", "6.4"), ("CORVID", "Production", "7.0")):
        release = Release.objects.get(product__code="atlas", version=version)
        Environment.objects.filter(customer__code=customer, name=name).update(release=release)


def _systems() -> None:
    """How critical they are."""
    for package, critical in (("HARBOURLINE", "mission"), ("KITANO", "critical"), ("FERNLEIGH", "ordinary")):
        Environment.objects.filter(customer__code=package, name="Production").update(criticality=critical)


def _advisory(at: datetime, by: Actor) -> None:
    said = publish.Said(
        "advisory", Product.objects.get(code="atlas"), reference="ATLAS-4", severity="high",
        affected="< 7.1.2", fixed_in="7.1.2",
    )  # fmt: skip
    made = publish.write(said, by=by, at=at)
    for language, (title, text) in ADVISORY.items():
        publish.set_text(made, language=language, title=title, text=text)
    publish.send(made, by=by, at=at)


def _end_of_life(at: datetime, by: Actor) -> None:
    release = Release.objects.select_related("product").get(product__code="atlas", version="7.0")
    made = publish.write(publish.Said("end_of_life", release.product, release), by=by, at=at)
    text = "Please plan the upgrade to 7.1. We gladly help you with it."
    publish.set_text(made, language="en", title=f"{release} leaves maintenance", text=text)


def _tasks(at: datetime, by: Actor) -> None:
    day, owner = at.date(), User.objects.get(email="mara@vendor.example")
    newest = Release.objects.select_related("product").get(product__code="atlas", version="7.1")
    old = Environment.objects.select_related("customer").get(customer__code="KITANO", name="Test")
    advice = tasks.Work(
        f"Upgrade to {newest}",
        owner,
        day + timedelta(days=30),
        "6.4 is out of maintenance. We help to plan it.",
        True,
    )
    tasks.advise([old], advice, release=newest, by=by, at=at - timedelta(days=2))
    system = Environment.objects.select_related("customer").get(
        customer__code="HARBOURLINE", name="Production"
    )
    finding = tasks.Work(
        "The certificate of the sign-in page ends soon", owner, day + timedelta(days=5),
        "It ends in 19 days. We renew it with you in your next window.", True,
    )  # fmt: skip
    tasks.open_task(finding, kind="preventive", environment=system, by=by, at=at - timedelta(days=2))
