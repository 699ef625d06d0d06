"""The mail that lets a person in: no event of a ticket causes it."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from mainstay.accounts import acts, sign_in
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.errors import Refused
from mainstay.notices import edited, house, words
from mainstay.notices.letter import Button
from mainstay.notices.models import Delivery


def send_link(user: User, url: str, *, at: datetime) -> Delivery:
    """The link that lets a person in once, within the hour (see accounts.sign_in), in their language."""
    with house.writing(user.language):
        letter = house.letter("sign_in", {"name": words.one_line(user.name, 150)})
        letter.buttons = [Button(edited.say("sign_in"), url, yours=True)]
        text, html = letter.text, letter.html
    return Delivery.objects.create(
        channel=Delivery.Channel.EMAIL,
        template="sign_in",
        recipient=user.email,
        user=user,
        subject=letter.subject,
        text=text,
        html=html,
        automatic="auto-generated",
        urgent=True,
        created_at=at,
        next_try_at=at,
    )


def invite(user: User, *, by: Actor, at: datetime) -> Delivery:
    """Send somebody their sign-in link because a person asked for it. Raises `Refused` naming person."""
    if not user.is_active:
        raise Refused("person", f"{user.name} does not work here any more; reactivate them first")
    with transaction.atomic():
        url = settings.BASE_URL + reverse("sign_in_token", args=[sign_in.make_link(user, at)])
        acts.record("sign-in link sent", f"{user.name}, {user.email}", by=by, at=at)
        return send_link(user, url, at=at)
