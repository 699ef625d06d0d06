"""Files kept with a contract: the signed copy, annexes. Stored by content, given out only to who may see them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.contracts.models import Contract, Paper
from mainstay.customers import files
from mainstay.customers.files import Upload
from mainstay.errors import Refused


def add_paper(contract: Contract, *, kind: str, upload: Upload, user: User, at: datetime) -> Paper:
    """Keep a file with a contract. Raises `Refused` naming kind or file."""
    if kind not in Paper.Kind.values:
        raise Refused("kind", f"must be one of {', '.join(Paper.Kind.values)}")
    if not upload.content:
        raise Refused("file", f"{upload.name} is empty")
    with transaction.atomic():
        made = Paper.objects.create(
            customer=contract.customer, contract=contract, kind=kind, name=upload.name[:255],
            content_type=upload.content_type[:100], sha256=files.store(upload.content),
            size=len(upload.content), added_by=user, added_at=at,
        )  # fmt: skip
        acts.record(
            "paper added", f"{contract} of {contract.customer}",
            by=Actor.staff(user), at=at, after={"kind": made.get_kind_display(), "file": made.name},
        )  # fmt: skip
    return made
