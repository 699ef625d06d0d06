"""The policy file on its page: looked at with lines, compared in words, published whole or not at all (P2)."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cast import NOW, acting
from desk.sheets import published, shown
from mainstay.catalogue import publish
from mainstay.catalogue.compile import digest
from mainstay.catalogue.models import Package
from mainstay.policy.read import read
from mainstay.policy.write import write
from mainstay.tickets import rollout
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Change, Clock, Event


@pytest.fixture
def ruth(cast: Any) -> Client:
    client = Client()
    client.force_login(cast.ruth)
    return client


@pytest.fixture
def text(cast: Any) -> str:
    return write(publish.export_parts())


@pytest.fixture
def included(cast: Any) -> Any:
    """A ticket of Quill's, which has a subscription and no contract."""
    request = Request(
        subject="How", said=Said("How do I?", "portal"), customer=cast.quill, contact=cast.jonah
    )
    return open_ticket(request, by=acting(cast.jonah), at=timezone.now())


def page(client: Client, **typed: Any) -> str:
    answer = client.post(reverse("desk:policy"), typed)
    return answer.content.decode()


@pytest.mark.django_db
def test_the_file_that_is_downloaded_says_what_is_running(ruth: Client) -> None:
    answer = ruth.get(reverse("desk:policy_file"))
    assert answer["Content-Disposition"] == 'attachment; filename="policy.toml"'
    assert digest(read(answer.content.decode())) == digest(publish.export_parts())


@pytest.mark.django_db
def test_what_is_wrong_is_said_with_its_line_and_nothing_is_changed(ruth: Client, text: str) -> None:
    broken = text.replace("queue_ceiling_days = 5", 'queue_ceiling_days = "soon"')
    line = next(n for n, row in enumerate(broken.split("\n"), start=1) if "soon" in row)
    answer = ruth.post(reverse("desk:policy"), {"text": broken})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert f'<td class="num">{line}</td>' in shown
    assert "a broken policy never replaces a working one" in shown
    ruth.post(reverse("desk:policy_publication"), {"text": broken, "reason": "x"})
    assert publish.current_desk_policy().version == 1


EQUAL = """[[targets]]
clock = "first_response"
severity = 1
target = "1h"

"""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("queue_ceiling_days", "queue_celing_days", "did you mean &quot;queue_ceiling_days&quot;?"),
        (
            "[levels.standard]",
            EQUAL + EQUAL.replace("1h", "2h") + "[levels.standard]",
            "says the same case as",
        ),
        ('week = "Mon-Fri 09:00-17:00"', "week = {}", "opens at no time"),
        ("format = 2", "format = ", "is not TOML"),
        ("queue_ceiling_days", "\x00", "is not TOML"),
        ("[levels.standard]", "# x\n" * 2_621_440 + "[levels.standard]", "is larger than 1,000,000 bytes"),
        ("Mon-Fri", "Mon\udcffFri", "is not UTF-8 text"),
    ],
    ids=["unknown word", "equal rows", "never opens", "no TOML", "NUL", "10 MB", "no UTF-8"],
)
def test_each_wrong_file_is_refused_with_its_place_and_what_runs_goes_on(
    ruth: Client, text: str, was: str, becomes: str, says: str
) -> None:
    assert was in text
    broken, before = text.replace(was, becomes, 1).encode("utf-8", "surrogateescape"), publish.export_parts()
    for address in ("desk:policy", "desk:policy_publication"):
        answer = ruth.post(
            reverse(address), {"file": SimpleUploadedFile("policy.toml", broken), "text": "", "reason": "x"}
        )
        assert answer.status_code == 422
        assert says in answer.content.decode()
    assert digest(publish.export_parts()) == digest(before)
    assert ruth.get(reverse("desk:policy_file")).content.decode() == text


@pytest.mark.django_db
def test_of_very_many_mistakes_the_page_shows_the_first_and_how_many_more(ruth: Client, text: str) -> None:
    answer = ruth.post(
        reverse("desk:policy"),
        {"text": text.replace("[levels.standard]", EQUAL * 700 + "[levels.standard]", 1)},
    )
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "And 499 more." in shown
    assert shown.count("says the same case as") == 200


@pytest.mark.django_db
def test_a_file_that_is_not_utf_8_is_told_with_its_line(ruth: Client, text: str) -> None:
    upload = SimpleUploadedFile("policy.toml", text.encode() + "# f\xfcr\n".encode("latin-1"))
    answer = ruth.post(reverse("desk:policy"), {"file": upload, "text": ""})
    line = text.count("\n") + 1
    assert f"policy.toml:{line}: is not UTF-8 text" in answer.content.decode()


@pytest.mark.django_db
def test_it_is_looked_at_before_it_is_published(ruth: Client, text: str) -> None:
    changed = text.replace("queue_ceiling_days = 5", "queue_ceiling_days = 8")
    assert "queue ceiling days: 5 became 8" in page(ruth, text=changed)
    assert publish.current_desk_policy().version == 1
    ruth.post(reverse("desk:policy_publication"), {"text": changed, "reason": "Slower weeks"})
    assert publish.current_desk_policy().document["queue_ceiling_days"] == 8


@pytest.mark.django_db
def test_a_file_may_be_chosen_instead_of_typed(ruth: Client, text: str) -> None:
    changed = text.replace("queue_ceiling_days = 5", "queue_ceiling_days = 8")
    upload = SimpleUploadedFile("policy.toml", changed.encode())
    assert "queue ceiling days: 5 became 8" in page(ruth, file=upload, text="")


@pytest.mark.django_db
def test_14_what_it_would_do_to_open_tickets_is_shown_and_done_only_when_wanted(
    ruth: Client, text: str, included: Any
) -> None:
    parts = read(text)
    for row in parts["levels"]["included"]["targets"]:
        row["target"] = "1bd"
    sooner = write(parts)
    before = Clock.objects.get(ticket=included, clock="first_response").due_at
    shown = page(ruth, text=sooner)
    assert "What would change for open tickets" in shown
    assert f">{included.pk}</a>" in shown
    assert "2 business days" in shown
    assert "1 business day<" in shown
    assert Clock.objects.get(ticket=included, clock="first_response").due_at == before
    ruth.post(reverse("desk:policy_publication"), {"text": sooner, "reason": "Better", "open": "1"})
    change = Change.objects.get()
    assert ruth.get(reverse("desk:change", args=[change.pk])).status_code == 200
    while rollout.work(timezone.now()):
        pass
    assert Event.objects.filter(ticket=included, kind="agreement_changed").count() == 1
    assert Clock.objects.get(ticket=included, clock="first_response").target == "1bd"
    assert rollout.progress(change).changed == 1
    assert "1 of 1" in ruth.get(reverse("desk:changes")).content.decode()


@pytest.mark.django_db
def test_contracts_keep_their_version_and_the_page_says_how_many(ruth: Client, text: str) -> None:
    parts = read(text)
    parts["packages"]["high"]["contacts"] = 40
    assert "1 contracts keep the version" in page(ruth, text=write(parts))


@pytest.mark.django_db
def test_rows_that_ask_for_more_are_edited_in_the_table_and_not_lost(ruth: Client, cast: Any) -> None:
    level = publish.current(Package, "high").level
    rows = [*level.document["targets"], {
        "clock": "first_response", "severity": 1, "target": "30m", "kind": "promise", "when": {"flag": "by_phone"},
    }]  # fmt: skip
    publish.publish_level(code="high", name="High", rank=3, document={**level.document, "targets": rows},
                          by=acting(cast.ruth), at=NOW, reason="By phone")  # fmt: skip
    address = reverse("desk:document", args=["level", "high"])
    assert "flag by phone" in ruth.get(address).content.decode()
    typed = shown(ruth, address)
    assert "flag = by_phone" in typed["targets_when"]
    body = publish.current(type(level), "high").document
    published(ruth, address, {**typed, "warn_at": ["60"]})
    assert publish.current(type(level), "high").document == {**body, "warn_at": 60}


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["mara", "hana", "dmitri"])
def test_others_read_it_and_publish_nothing(cast: Any, text: str, who: str) -> None:
    client = Client()
    client.force_login(getattr(cast, who))
    assert client.get(reverse("desk:policy")).status_code == 200
    for name in ("desk:policy", "desk:policy_publication"):
        assert client.post(reverse(name), {"text": text, "reason": "x"}).status_code == 404
