"""Who does something: passed to every verb as `by=`."""

from dataclasses import dataclass
from typing import Literal

from mainstay.accounts.models import User

Kind = Literal["staff", "contact", "system", "unknown"]


@dataclass(frozen=True)
class Actor:
    """Who acts. `id` is a user's id for staff, a contact's id for a contact, None otherwise."""

    kind: Kind
    id: int | None
    name: str

    @classmethod
    def staff(cls, user: User) -> "Actor":
        return cls("staff", user.pk, user.name)

    @classmethod
    def contact(cls, contact_id: int, name: str) -> "Actor":
        return cls("contact", contact_id, name)

    @classmethod
    def system(cls, name: str = "Mainstay") -> "Actor":
        return cls("system", None, name)

    @classmethod
    def unknown(cls, name: str) -> "Actor":
        """Somebody who wrote and whom nobody knows."""
        return cls("unknown", None, name)
