"""Articles that answer requests (I3): what is written, who may read it, what search needs, what was shown and helped.

A published version is never edited (a trigger refuses), only followed by another. What may be found is an `Entry`, one
for each article and language that is published; where there is no entry a customer sees nothing, and row-level
security asks the entries. Tickets are named by their number: they stand above this package.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from mainstay.customers.models import Contact, Customer, Product


class Audience(models.TextChoices):
    """Who may read an article, the widest first."""

    PUBLIC = "public", "everybody"
    SUBSCRIBERS = "subscribers", "customers with support"
    INTERNAL = "internal", "our own people only"


class Article(models.Model):
    """One answer, whatever its languages and versions; its number is its address."""

    audience = models.CharField(max_length=11, choices=Audience.choices, default=Audience.INTERNAL)
    language = models.CharField(max_length=8, default="en", help_text="for whoever reads none of the others")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+",
        help_text="who keeps it true",
    )  # fmt: skip
    review_by = models.DateField(null=True, blank=True, help_text="the day on which it is to be read again")
    ticket = models.BigIntegerField(null=True, help_text="the number of the request it was written from")
    withdrawn_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["review_by"], name="article_review", condition=Q(withdrawn_at=None)),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"article {self.pk}"


class Coverage(models.Model):
    """A product that an article is about, from one release to another; both empty: all of it."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="coverage")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    first = models.CharField(max_length=40, blank=True, help_text="the first release it holds for")
    last = models.CharField(max_length=40, blank=True, help_text="the last release it holds for")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "product"], name="covered_once")]
        ordering = ["product__name"]

    @property
    def words(self) -> str:
        """ "Atlas Directory 6.4 to 7.0" """
        name = self.product.name
        if self.first and self.last:
            return (
                f"{name} {self.first}" if self.first == self.last else f"{name} {self.first} to {self.last}"
            )
        if self.first:
            return f"{name} from {self.first}"
        return f"{name} up to {self.last}" if self.last else name


class Version(models.Model):
    """The words of an article in one language: a draft is changed, what was published is only followed."""

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        REVIEW = "review", "to be read by somebody else"
        PUBLISHED = "published", "published"
        REPLACED = "replaced", "replaced by a newer one"

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions")
    language = models.CharField(max_length=8)
    number = models.PositiveIntegerField(help_text="counts through the article's versions in this language")
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=300, blank=True, help_text="one line for lists and mails")
    body = models.TextField(help_text="Markdown")
    reason = models.CharField(max_length=500, blank=True, help_text="what changed, and why")
    pictures = ArrayField(models.BigIntegerField(), default=list, help_text="pictures that the body shows")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    author_name = models.CharField(max_length=200)
    writers = ArrayField(models.BigIntegerField(), default=list, help_text="everybody who wrote in it")
    written_at = models.DateTimeField()
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reviewer_name = models.CharField(max_length=200, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=2000, blank=True, help_text="the reviewer's reason")
    alone = models.BooleanField(default=False, help_text="published by its author: nobody else works there")
    restores = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "language", "number"], name="version_once"),
            models.UniqueConstraint(
                fields=["article", "language"], condition=Q(state__in=["draft", "review"]), name="one_draft"
            ),
            models.UniqueConstraint(
                fields=["article", "language"], condition=Q(state="published"), name="one_published"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-written_at"], name="version_open", condition=Q(state__in=["draft", "review"])
            )
        ]
        ordering = ["language", "-number"]

    def __str__(self) -> str:
        return self.title

    @property
    def open(self) -> bool:
        return self.state in {self.State.DRAFT, self.State.REVIEW}


class Picture(models.Model):
    """A picture of an article, kept with all other files by its content."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    added_by = models.CharField(max_length=200)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "sha256"], name="picture_once")]
        ordering = ["id"]


# ---- what may be found


class Entry(models.Model):
    """What of an article is published in one language: what search looks through, and what readers are let see."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="entries")
    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="entry")
    language = models.CharField(max_length=8)
    audience = models.CharField(max_length=11, choices=Audience.choices)
    config = models.CharField(max_length=20, help_text="PostgreSQL's text search configuration")
    title = SearchVectorField(default="", help_text="the words of the title")
    lead = SearchVectorField(default="", help_text="of the one line, and the names of products and releases")
    words = SearchVectorField(help_text="all of them")
    terms = ArrayField(
        models.CharField(max_length=60), default=list, help_text="its words for the vocabulary"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "language"], name="entry_once")]


class Vocabulary(models.Model):
    """A word that articles for an audience use, and in how many of them: what a typo may have meant."""

    audience = models.CharField(max_length=11, choices=Audience.choices)
    word = models.CharField(max_length=60)
    articles = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word", "audience"], name="word_once")]


class Synonyms(models.Model):
    """Words that mean the same here: the vendor's own list, a group on each line."""

    words = ArrayField(models.CharField(max_length=100))

    class Meta:
        ordering = ["id"]


class Merit(models.Model):
    """How often an article helped, or did not, with a product (none: with anything)."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="merits")
    product = models.ForeignKey(Product, null=True, on_delete=models.CASCADE, related_name="+")
    helped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "product"], name="merit_once", nulls_distinct=False)
        ]


# ---- what was shown, and what came of it


class Look(models.Model):
    """Somebody was shown articles at one occasion. Who it was is forgotten when it is settled."""

    class Place(models.TextChoices):
        FORM = "form", "while writing a request"
        MAIL = "mail", "in the acknowledgement"
        PORTAL = "portal", "in the portal's articles"
        OPEN = "open", "on the open pages"

    class Outcome(models.TextChoices):
        SENT = "sent", "a request was sent"
        NOT_SENT = "not_sent", "no request was sent within a day"

    place = models.CharField(max_length=6, choices=Place.choices)
    key = models.CharField(
        max_length=60, unique=True, help_text="tells the occasion, by chance or by its ticket"
    )
    at = models.DateTimeField()
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="+")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    product = models.ForeignKey(Product, null=True, on_delete=models.SET_NULL, related_name="+")
    ticket = models.BigIntegerField(
        null=True, help_text="the request that was sent, or that the mail answers"
    )
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="look_to_settle", condition=Q(settled_at=None)),
        ]


class Shown(models.Model):
    """An article at such an occasion: shown, perhaps opened, perhaps it helped."""

    class Answer(models.TextChoices):
        YES = "yes", "it helped"
        NO = "no", "it did not help"

    look = models.ForeignKey(Look, on_delete=models.CASCADE, related_name="shown")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="shown")
    language = models.CharField(max_length=8)
    at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=3, choices=Answer.choices, blank=True)
    why = models.CharField(max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["look", "article"], name="shown_once")]
        indexes = [
            models.Index(fields=["article", "-at"], name="shown_of_article"),
            models.Index(fields=["at"], name="shown_at"),
            models.Index(fields=["article", "-answered_at"], name="shown_answers", condition=~Q(answer="")),
        ]
