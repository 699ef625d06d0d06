"""The mail that lets a person in: no event of a ticket causes it."""

from datetime import datetime

from django.conf import settings

from mainstay.accounts.models import User
from mainstay.notices.models import Delivery


def send_link(user: User, url: str, *, at: datetime) -> Delivery:
    """The link that lets a person in once, within the hour (see accounts.sign_in)."""
    return Delivery.objects.create(
        channel=Delivery.Channel.EMAIL,
        template="sign_in",
        recipient=user.email,
        user=user,
        subject=f"Your sign-in link for {settings.VENDOR_NAME} support",
        text=(
            f"Hello {user.name},\n\nthis link signs you in. It works once, until an hour from now:\n\n{url}\n\n"
            "If you did not ask for it, nothing has happened and you need do nothing.\n"
        ),
        automatic="auto-generated",
        urgent=True,
        created_at=at,
        next_try_at=at,
    )
