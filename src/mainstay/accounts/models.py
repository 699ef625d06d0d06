"""People who sign in, the teams they form, and the links that let them in."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Role(models.TextChoices):
    """What a member of staff may do; a person may hold several. Contacts hold none."""

    ENGINEER = "engineer", "Support engineer"
    TRIAGE = "triage", "Triage lead"
    MANAGER = "manager", "Support manager"
    TAM = "tam", "Technical Account Manager"
    SALES = "sales", "Sales"
    ADMINISTRATOR = "administrator", "Administrator"
    AUDITOR = "auditor", "Auditor"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> "User":
        """A person who can sign in. Without a password, only by link."""
        user = self.model(email=email.strip().lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in: staff (with roles) or a contact of one or more customers."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=8, default="en")
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff_member(self) -> bool:
        """Works for the vendor, in whatever role."""
        return self.is_active and bool(self.roles)

    def has_role(self, *roles: str) -> bool:
        """Holds at least one of `roles`; an administrator holds every role but auditor."""
        mine = set(self.roles)
        if not self.is_active:
            return False
        return bool(mine & set(roles)) or (Role.ADMINISTRATOR in mine and set(roles) != {Role.AUDITOR})

    @property
    def may_act(self) -> bool:
        """An auditor reads everything and changes nothing."""
        return self.is_staff_member and set(self.roles) != {Role.AUDITOR}


class Team(models.Model):
    """People who share work; `categories` are the kinds of ticket that come to it."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    categories = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    members = models.ManyToManyField(User, related_name="teams", blank=True)

    def __str__(self) -> str:
        return self.name


class SignInLink(models.Model):
    """One use, one hour; only a digest of the token is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)


class PasswordTry(models.Model):
    """A password was tried for an address, known or not; ten an hour, then it has to wait."""

    address = models.CharField(max_length=64, help_text="digest of the address")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["address", "-at"], name="password_tries")]


class Act(models.Model):
    """Something done to the organisation itself (a contract signed, a role given): written once, kept as it is."""

    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40, help_text="what was done, in words: contract signed")
    what = models.CharField(max_length=500, help_text="to what, in words")
    before = models.JSONField(default=dict, help_text="the fields that changed, as they were")
    after = models.JSONField(default=dict, help_text="the same fields, as they are now")
    about = models.CharField(
        max_length=60, blank=True, default="", help_text="what has a history of its own: team 3"
    )

    class Meta:
        indexes = [
            models.Index(fields=["about", "-id"], name="acts_about", condition=~models.Q(about="")),
            models.Index(fields=["kind", "-id"], name="acts_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


class StandIn(models.Model):
    """Who looks after a TAM's customers while they are away, from one instant to another; it ends by itself."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", help_text="who is away")
    stand_in = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    by_name = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="stand_in_until")]

    def __str__(self) -> str:
        return f"{self.stand_in.name} for {self.person.name}"
