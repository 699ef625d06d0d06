"""The policy file on its page: looked at with lines, compared in words, published whole or not at all (P2)."""

import json
import re
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
from mainstay.desk import looking
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


def running() -> str:
    """What the form of the page carries: the hash of the policy that it was made over."""
    return digest(publish.export_parts())


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
    ruth.post(reverse("desk:policy_publication"), {"text": broken, "reason": "x", "over": running()})
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
    ruth.post(
        reverse("desk:policy_publication"), {"text": changed, "reason": "Slower weeks", "over": running()}
    )
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
    ruth.post(
        reverse("desk:policy_publication"),
        {"text": sooner, "reason": "Better", "open": "1", "over": running()},
    )
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
def test_who_publishes_a_file_over_another_one_sees_what_changed_and_keeps_the_text(
    ruth: Client, cast: Any, text: str
) -> None:
    mine = text.replace("queue_ceiling_days = 5", "queue_ceiling_days = 9")
    shown_over, seen = running(), timezone.now().isoformat()
    theirs: Any = {**publish.current_desk_policy().document, "queue_ceiling_days": 3}
    publish.publish_desk_policy(document=theirs, by=acting(cast.hana), at=timezone.now(), reason="Quicker")
    typed = {"text": mine, "reason": "Slower weeks", "open": "1", "over": shown_over, "seen": seen}
    answer = ruth.post(reverse("desk:policy_publication"), typed)
    said = answer.content.decode()
    assert answer.status_code == 422
    assert said.count('role="alert"') == 1
    assert "another version of this was published since this page was opened" in said
    assert "Hana Sato: Desk policy: queue ceiling days: 5 became 3" in said
    assert "queue ceiling days: 3 became 9" in said, "what theirs would become"
    assert "queue_ceiling_days = 9" in said
    assert 'value="Slower weeks"' in said
    assert 'name="open" value="1" checked' in said
    assert publish.current_desk_policy().document["queue_ceiling_days"] == 3
    assert "another version of this was published" in page(ruth, **typed), "looking says so too"
    again = re.search(r'name="over" value="(\w+)"', said)
    assert again
    assert ruth.post(reverse("desk:policy_publication"), {**typed, "over": again[1]}).status_code == 303
    assert publish.current_desk_policy().document["queue_ceiling_days"] == 9


@pytest.mark.django_db
def test_two_files_at_once_never_undo_each_other(
    ruth: Client, cast: Any, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = text.replace("queue_ceiling_days = 5", "queue_ceiling_days = 9")
    look = looking.at_parts

    def while_somebody_publishes(*given: Any) -> Any:
        theirs: Any = {**publish.current_desk_policy().document, "queue_ceiling_days": 3}
        publish.publish_desk_policy(document=theirs, by=acting(cast.hana), at=NOW, reason="x")
        return look(*given)

    over = running()
    monkeypatch.setattr(looking, "at_parts", while_somebody_publishes)
    answer = ruth.post(reverse("desk:policy_publication"), {"text": mine, "reason": "x", "over": over})
    assert answer.status_code == 422
    assert "another one was published meanwhile" in answer.content.decode()
    assert "queue_ceiling_days = 9" in answer.content.decode()
    assert publish.current_desk_policy().document["queue_ceiling_days"] == 3


@pytest.mark.django_db
def test_who_edits_the_desk_policy_over_another_version_keeps_the_text(ruth: Client, cast: Any) -> None:
    address = reverse("desk:document", args=["policy", "desk"])
    document: Any = publish.current_desk_policy().document
    publish.publish_desk_policy(
        document={**document, "queue_ceiling_days": 3}, by=acting(cast.hana), at=NOW, reason="Quicker"
    )
    typed = {"document": json.dumps({**document, "queue_ceiling_days": 9}), "reason": "Slower", "over": "1"}
    answer = ruth.post(address, typed)
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "another version of this was published since" in said
    assert "queue ceiling days: 5 became 3" in said
    assert "&quot;queue_ceiling_days&quot;: 9" in said
    assert ruth.post(address, {**typed, "over": "2"}).status_code == 303


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["mara", "hana", "dmitri"])
def test_others_read_it_and_publish_nothing(cast: Any, text: str, who: str) -> None:
    client = Client()
    client.force_login(getattr(cast, who))
    assert client.get(reverse("desk:policy")).status_code == 200
    for name in ("desk:policy", "desk:policy_publication"):
        assert client.post(reverse(name), {"text": text, "reason": "x"}).status_code == 404
