"""Attacks by mail followed to what is sent, shown and kept, under the numbers of the threat list."""

import gzip
import io
import re
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from cast import NOW, acting
from mainstay.intake.email.keys import mail_keys
from mainstay.intake.email.signed import read_token
from mainstay.notices import email, limits, links
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.tickets import access, resolution
from mainstay.tickets.files import Upload, where
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Attachment, Message, Participant, Ticket

EVE = "eve@evil.example"


@pytest.fixture
def ticket(post, cast):
    return post.opened(cast.priya.email)


def sent(post) -> list[tuple[Delivery, bytes]]:
    """Every mail that leaves because of what happened so far, with its bytes."""
    while announce_pending(post.at):
        pass
    leaving = Delivery.objects.filter(channel="email", state="pending").order_by("pk")
    return [(one, email.build(one, post.at).as_bytes()) for one in leaving]


def words(raw: bytes) -> str:
    """All that a reader could see of a mail: headers, text, HTML, files."""
    message = message_from_bytes(raw, policy=policy.default)
    parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
    return "\n".join([*map(str, message.items()), *map(str, parts)])


def signed_in(who) -> Client:
    client = Client()
    client.force_login(getattr(who, "user", None) or who)
    return client


def reply(post, cast, ticket, text="We look into it.", **more):
    post.at += timedelta(minutes=1)
    resolution.reply(ticket, said=Said(text, "desk", **more), by=acting(cast.mara), at=post.at)


# ---- 4: who is copied in hears what is said from then on


def test_who_is_copied_in_never_gets_what_was_said_before__attack_4(post, cast):
    ticket = post.opened(cast.priya.email, "EARLIERSECRET is the code of the ward.", subject="EARLIERSUBJECT")
    reply(post, cast, ticket, "EARLIERANSWER")
    sent(post)
    Delivery.objects.update(state="sent")
    post.at += timedelta(minutes=1)
    copied = f"{cast.tom.email}, {EVE}"
    post.send(cast.priya.email, "Tom helps.", cc=copied, answers=post.reference(ticket, cast.priya))
    reply(post, cast, ticket, "Please restart it.")
    mails = sent(post)
    assert Counter(one.recipient for one, _ in mails if one.template == "answer") == {
        cast.priya.email: 1,
        cast.tom.email: 1,
    }
    for one, raw in mails:
        if one.recipient == cast.tom.email:
            assert "Please restart it." in words(raw)
            assert not re.search("EARLIERSECRET|EARLIERANSWER", words(raw))
    assert list(Participant.objects.filter(accepted=False).values_list("address", flat=True)) == [EVE]
    page = signed_in(cast.tom).get(f"/requests/{ticket.pk}").content.decode()
    assert "Please restart it." in page
    assert not re.search("EARLIERSECRET|EARLIERANSWER", page)


# ---- 5: mails that prove the ownership of an address, sent to ours


CODE = "482-913-VERIFY"
MACHINES = [
    "",
    "Auto-Submitted: auto-generated",
    "Precedence: bulk",
    "List-Unsubscribe: <mailto:x@slack.example>",
]


@pytest.mark.parametrize("headers", MACHINES)
@pytest.mark.parametrize("auth", ["pass", "none"])
def test_a_verification_mail_to_a_reply_address_is_seen_by_no_customer__attack_5(
    post, cast, ticket, headers, auth
):
    """Edgar has a ticket and gives the address it is answered at to a third party as his own."""
    mine = post.opened(cast.edgar.email, "Help me, please.")
    sent(post)
    before = Delivery.objects.filter(user=None).count()
    for to in (post.token(mine, cast.edgar), "support@vendor.example", f"support+{mine.pk}@vendor.example"):
        post.send("no-reply@slack.example", f"Your code is {CODE}", to=to, headers=headers, auth=auth)
    for one, raw in sent(post):
        assert one.user_id or CODE not in words(raw)
    assert Delivery.objects.filter(user=None).exclude(state="suppressed").count() == before
    for who in (cast.edgar, cast.priya):
        client = signed_in(who)
        seen = access.visible_to_contact([who])
        pages = [
            client.get("/requests"),
            client.get("/"),
            *(client.get(f"/requests/{one.pk}") for one in seen),
        ]
        assert all(page.status_code == 200 and CODE not in page.content.decode() for page in pages)
        others = Ticket.objects.exclude(pk__in=seen)
        assert {client.get(f"/requests/{one.pk}").status_code for one in others} == {404}


def test_reply_addresses_are_random_and_never_enumerable__attack_5(post, cast):
    tickets = [post.opened(who.email) for who in (cast.priya, cast.tom, cast.edgar)]
    tokens = [
        post.token(one, who) for one in tickets for who in (cast.priya, cast.tom, cast.edgar, cast.mara)
    ]
    secrets = [re.search(r"\+([^@]+)@", one)[1] for one in tokens]
    assert len(set(secrets)) == len(secrets)
    for secret in secrets:
        for place in range(len(secret)):  # no letter of it may be guessed
            other = "b" if secret[place] != "b" else "c"
            assert read_token(mail_keys(), secret[:place] + other + secret[place + 1 :]) is None
        assert read_token(mail_keys(), secret[:-1]) is None
    first, second = secrets[0], secrets[4]  # the same person, the next ticket
    alike = sum(a == b for a, b in zip(first, second, strict=False))
    assert alike < len(first) / 2
    for guess in range(1, 20):
        to = f"support+{guess}@vendor.example"
        assert post.send(EVE, "Your code is 1.", to=to).ticket not in tickets


# ---- 15: two desks that answer by themselves


def plain_acknowledgement(number: int, ours: EmailMessage) -> dict[str, str]:
    """Says nothing of itself; answers in the thread."""
    return {"Subject": f"Re: {ours['Subject']}", "In-Reply-To": ours["Message-ID"]}


def new_ticket_each_time(number: int, ours: EmailMessage) -> dict[str, str]:
    """Quotes our subject under a number of its own, and none of our Message-IDs."""
    return {"Subject": f"[Desk B #{70 + number}] received: {ours['Subject']}"}


def without_a_trace(number: int, ours: EmailMessage) -> dict[str, str]:
    """Nothing of ours comes back: another subject each time."""
    return {"Subject": f"News of B-{number}"}


def marked(number: int, ours: EmailMessage) -> dict[str, str]:
    """As RFC 3834 asks."""
    return {
        "Subject": f"Auto: {ours['Subject']}",
        "In-Reply-To": ours["Message-ID"],
        "Auto-Submitted": "auto-replied",
    }


Answer = Callable[[int, EmailMessage], dict[str, str]]


def ring(post, desk_b: str, answer: Answer, to: str = "Reply-To", says: str = "We have your request.") -> int:
    """Desk B writes to us and answers each mail of ours after five seconds, for ten minutes; how many were ours."""
    end, ours = NOW + timedelta(minutes=10), 0
    waiting = [post.write(desk_b, "A request of ours.", subject="Request")]
    while waiting and post.at < end:
        post.at += timedelta(seconds=5)
        post.take(waiting.pop(0))
        for one, raw in sent(post):
            Delivery.objects.filter(pk=one.pk).update(state="sent", sent_at=post.at)
            if one.recipient != desk_b:
                continue
            ours += 1
            extra = "\n".join(f"{k}: {v}" for k, v in answer(ours, message_from_bytes(raw)).items())
            back = message_from_bytes(raw)[to]
            words_ = says.format(n=ours, word="x" * ours)
            waiting.append(post.write(desk_b, words_, subject="", to=back, headers=extra))
    return ours


@pytest.mark.parametrize("answer", [plain_acknowledgement, new_ticket_each_time, marked, without_a_trace])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("to", ["Reply-To", "From"])
def test_two_answering_desks_stop_after_one_mail__attack_15(post, cast, answer, known, to):
    desk_b = cast.priya.email if known else "desk@b.example"
    assert ring(post, desk_b, answer, to) == 1
    assert_one_for_each_ticket()


def test_a_ring_that_says_the_same_each_time_ends_with_the_second__attack_15(post, cast):
    assert ring(post, cast.priya.email, without_a_trace, "From", says="Desk B greets you, number {n}.") == 2
    assert_one_for_each_ticket()


def test_a_ring_that_says_something_else_each_time_ends_too__attack_15(post, cast, monkeypatch):
    monkeypatch.setattr(limits, "RING", 5)
    said = "Desk B says {word} to you."
    assert (
        ring(post, cast.priya.email, without_a_trace, "From", says=said) == 1 + 5
    )  # the first had another subject
    assert_one_for_each_ticket()


def assert_one_for_each_ticket() -> None:
    automatic = (
        Delivery.objects.exclude(automatic="").filter(channel="email", user=None).exclude(state="suppressed")
    )
    assert max(Counter(automatic.values_list("recipient", "ticket")).values()) == 1


# ---- 20: our answer as somebody else's mail bomb


def test_many_foreign_addresses_get_few_answers_and_none_of_the_words__attack_20(post, cast):
    subject, body = "BUYPILLS http://bad.example/s", "CHEAPPILLS http://bad.example/b"
    victims = [f"v{number}@victim{number % 3}.example" for number in range(75)]
    for address in (*victims, *victims[:25]):
        mail = post.send(f"SPAMNAME <{address}>", body, subject=subject, auth="none")
        assert mail.outcome == "ticket"
    answers = [(one, raw) for one, raw in sent(post) if one.user_id is None]
    assert max(Counter(one.recipient for one, _ in answers).values()) == 1
    assert Counter(one.recipient.partition("@")[2] for one, _ in answers) == {
        f"victim{number}.example": 20 for number in range(3)
    }
    for _, raw in answers:
        assert not re.search("PILLS|bad.example|SPAMNAME", words(raw))


def test_a_known_address_that_was_forged_gets_none_of_the_words_either__attack_20(post, cast):
    for _ in range(30):
        post.send(f"SPAMNAME <{cast.priya.email}>", "CHEAPPILLS", subject="BUYPILLS", auth="fail")
    for one, raw in sent(post):
        assert one.user_id or not re.search("PILLS|SPAMNAME", words(raw))


def test_asking_for_a_link_writes_to_nobody_we_do_not_know__attack_20(cast):
    for number in range(20):
        Client().post("/sign-in/link", {"email": f"v{number}@victim.example"})
    assert not Delivery.objects.filter(recipient__endswith="victim.example").exists()


# ---- 28, 29, 32: files


def with_file(post, sender: str, name: str, content: bytes, kind: str = "application/octet-stream") -> bytes:
    head = post.write(sender).partition(b"\nContent-Type")[0]
    message = EmailMessage()
    message.set_content("See the file.")
    main, _, sub = kind.partition("/")
    message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return head + b"\n" + message.as_bytes()


PROGRAMS = [
    "a.php",
    "a.pht",
    "a.phtml",
    "a.php.jpg",
    "a.jsp",
    "a.aspx",
    "a.cgi",
    ".htaccess",
    "a.shtml",
    "a.py",
]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_kept_where_nothing_runs_it_and_leaves_as_a_download__attack_28(post, cast, name):
    code = b"<?php system($_GET['c']); ?>"
    ticket = post.take(with_file(post, cast.priya.email, name, code, "application/x-httpd-php")).ticket
    priya = signed_in(cast.priya)
    upload = SimpleUploadedFile(name, code, content_type="application/x-httpd-php")
    priya.post(f"/requests/{ticket.pk}/replies", {"text": "And this.", "files": upload})
    assert Attachment.objects.filter(message__ticket=ticket).count() == 2
    for file in Attachment.objects.filter(message__ticket=ticket):
        path = where(file.sha256)
        assert re.fullmatch("[0-9a-f]{64}", path.name)  # no extension that a web server goes by
        assert path.stat().st_mode & 0o111 == 0
        served = [Path(one) for one in finders.searched_locations] + [
            Path(settings.STATIC_ROOT or "/nowhere")
        ]
        assert not any(path.is_relative_to(one) for one in served)
        for client, url in (
            (priya, f"/files/{file.pk}"),
            (signed_in(cast.mara), f"/desk/attachments/{file.pk}"),
        ):
            answer = client.get(url)
            assert answer.getvalue() == code
            assert answer["Content-Type"] == "application/octet-stream"
            assert answer["Content-Disposition"].startswith("attachment")
            assert answer["Content-Security-Policy"].startswith("sandbox")
            assert answer["X-Content-Type-Options"] == "nosniff"
    for url in (f"/media/{path.name}", f"/static/{path.name}", f"/files/{path.name}", f"/{name}"):
        assert Client().get(url).status_code == 404


def test_the_address_of_a_file_is_worth_nothing_to_others__attack_29(post, cast):
    ticket = post.take(with_file(post, cast.priya.email, "trace.log", b"INSIDE")).ticket
    reply(
        post, cast, ticket, attachments=(Upload("core.bin", "application/octet-stream", bytes(11_000_000)),)
    )
    files = list(Attachment.objects.filter(message__ticket=ticket))
    assert len(files) == 2
    for url in (f"/files/{file.pk}" for file in files):
        assert signed_in(cast.priya).get(url).status_code == 200
        assert signed_in(cast.edgar).get(url).status_code == 404
        assert signed_in(cast.tom).get(url).status_code == 404  # a colleague, of whom it is not
        assert Client().get(url)["Location"].startswith("/sign-in")
    for url in (f"/desk/attachments/{file.pk}" for file in files):
        assert signed_in(cast.priya).get(url).status_code in {403, 404}
        assert Client().get(url).status_code in {302, 404}
    cast.priya.user.is_active = False
    cast.priya.user.save()
    held_open = Client()
    held_open.force_login(cast.priya.user)
    assert held_open.get(f"/files/{files[0].pk}")["Location"].startswith("/sign-in")


def test_the_link_to_a_file_in_a_mail_is_signed_ends_and_asks_again_who_it_is__attack_29(
    post, cast, monkeypatch
):
    post.at = timezone.now().replace(microsecond=0)
    ticket = post.opened(cast.priya.email)
    large = Upload("core.bin", "application/octet-stream", b"x" * 11_000_000)
    reply(post, cast, ticket, attachments=(large,))
    answer = next(raw for one, raw in sent(post) if one.template == "answer")
    path = re.search(r"too large to attach: \S+?(/r/\S+)", words(answer).replace("\n", " "))[1]
    leads = f"/requests/{ticket.pk}"
    assert signed_in(cast.priya).get(path)["Location"] == leads
    assert signed_in(cast.priya).get(leads).status_code == 200
    assert signed_in(cast.edgar).get(path, follow=True).status_code == 404
    assert Client().get(path, follow=True).redirect_chain[-1][0].startswith("/sign-in")
    assert Client().get(path[:-2]).status_code == 410
    later = timezone.now() + timedelta(days=31)
    monkeypatch.setattr(links.timezone, "now", lambda: later)
    assert signed_in(cast.priya).get(path).status_code == 410


def bomb(kind: str) -> tuple[str, bytes]:
    """Some kilobytes that would be 200 MB, or many thousand files."""
    made, zeros = io.BytesIO(), bytes(1_000_000)
    if kind == "gzip":
        with gzip.GzipFile(fileobj=made, mode="wb") as out:
            for _ in range(200):
                out.write(zeros)
        return "logs.gz", made.getvalue()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        if kind == "entries":
            for number in range(5_000):
                out.writestr(f"{number}/../../x", b"")
        else:
            with out.open("xl/sharedStrings.xml", "w") as part:
                for _ in range(200):
                    part.write(zeros)
    return "book.xlsx" if kind == "xlsx" else "logs.zip", made.getvalue()


@pytest.mark.parametrize("kind", ["zip", "entries", "xlsx", "gzip"])
def test_an_archive_is_never_unpacked__attack_32(post, cast, kind):
    name, content = bomb(kind)
    raw = with_file(post, cast.priya.email, name, content)
    raw = raw.replace(b"\nMIME-Version", b"\nContent-Encoding: gzip\nMIME-Version")
    tracemalloc.start()
    try:
        ticket = post.take(raw).ticket
        sent(post)
        files = Attachment.objects.filter(message__ticket=ticket)
        answer = signed_in(cast.mara).get(f"/desk/attachments/{files.get().pk}").getvalue()
        assert signed_in(cast.mara).get(f"/desk/tickets/{ticket.pk}").status_code == 200
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer == content
    assert peak < 80_000_000


# ---- 40: templates


EVIL = [
    "{{7907*7919}}",
    "{% load x %}{% now 'Y' %}",
    "${7907*7919}",
    "#{7907*7919}",
    "<%= 7907*7919 %>",
    "%(number)s",
    "{0.__class__}",
]


@pytest.mark.parametrize("evil", EVIL)
def test_what_a_customer_writes_is_printed_as_it_is_everywhere__attack_40(post, cast, evil):
    cast.harbourline.name = f"Harbourline {evil}"
    cast.harbourline.save()
    cast.priya.name = f"Priya {evil}"
    cast.priya.save()
    text = f"Version: {evil}\nOur reference: {evil}\nSteps to reproduce: {evil}\n\nBody {evil} says it."
    raw = with_file(post, f'"{evil}" <{cast.priya.email}>', f"file {evil}.txt", b"x")
    raw = raw.replace(b"See the file.", text.encode()).replace(b"Report empty", f"Subject {evil}".encode())
    ticket = post.take(raw).ticket
    assert (ticket.subject, ticket.customer) == (f"Subject {evil}", cast.harbourline)
    reply(post, cast, ticket, f"You wrote {evil}, we see.")
    seen = [words(raw) for _, raw in sent(post)]
    assert any(f"Subject {evil}" in one for one in seen)
    assert any(f"You wrote {evil}, we see." in one for one in seen)
    escaped = evil.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#x27;")
    for who, url in ((cast.mara, f"/desk/tickets/{ticket.pk}"), (cast.priya, f"/requests/{ticket.pk}")):
        page = signed_in(who).get(url).content.decode()
        assert f"Subject {escaped}" in page
        assert f"Body {escaped} says it." in page
        seen.append(page)
    assert not any("62615533" in re.sub(r"[\w+-]{20,}", "", one) for one in seen)  # but for what is random
    assert Message.objects.filter(ticket=ticket, kind="in").get().text.endswith(f"Body {evil} says it.")
