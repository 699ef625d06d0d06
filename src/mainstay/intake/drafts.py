"""What somebody is writing, kept for them on every machine until they send it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from mainstay.accounts.models import User
from mainstay.errors import Refused
from mainstay.intake.models import FormDraft
from mainstay.prepared import Arg, Prepared

FORM = re.compile(r"request|reply-[1-9]\d{0,17}")
NOT_KEPT = {"csrfmiddlewaretoken", "act", "form_key", "look"}
LONGEST = 400_000  # characters of one draft
MOST = 200  # drafts of one person; the oldest goes
KEPT_FOR = timedelta(days=90)


def keep(user: User, form: str, values: Mapping[str, str], *, at: datetime) -> FormDraft | None:
    """Keep what is in a form; an empty one is forgotten. Raises `Refused` on draft when it is far too long."""
    if not FORM.fullmatch(form):
        raise Refused("draft", _("is of no form that is known"))
    written = {name[:60]: value for name, value in values.items() if name not in NOT_KEPT and value.strip()}
    if sum(map(len, written.values())) > LONGEST:
        raise Refused("draft", _("is too long to be kept; send a part of it as a file"))
    if not written:
        forget(user, form)
        return None
    kept, made = FormDraft.objects.update_or_create(
        user=user, form=form, defaults={"values": written, "updated_at": at}
    )
    if made:
        beyond = (
            FormDraft.objects.filter(user=user).order_by("-updated_at").values_list("pk", flat=True)[MOST:]
        )
        FormDraft.objects.filter(pk__in=list(beyond)).delete()
    return kept


def found(user: User, form: str) -> FormDraft | None:
    """What they wrote last time and have not sent."""
    return FOUND.first(user=user.pk, form=form)


FOUND = Prepared(lambda: FormDraft.objects.filter(user=Arg("user"), form=Arg.text("form")).order_by("pk")[:1])


def forget(user: User, form: str) -> None:
    """It was sent, or is not wanted any more."""
    FormDraft.objects.filter(user=user, form=form).delete()


def expire(at: datetime) -> int:
    """Drafts that nobody touched for a quarter of a year."""
    return FormDraft.objects.filter(updated_at__lt=at - KEPT_FOR).delete()[0]
