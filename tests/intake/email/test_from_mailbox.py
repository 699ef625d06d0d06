"""Who writes to a mailbox of ours is answered from it, and what they answer joins."""

from email import message_from_bytes, policy

from mainstay.intake.mailboxes import known
from mainstay.intake.models import Mailbox
from mainstay.notices import email
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery

BEACON = "beacon@product.example"


def sent(post, ticket):
    while announce_pending(post.at):
        pass
    delivery = Delivery.objects.get(ticket=ticket, template="acknowledgement")
    return message_from_bytes(email.build(delivery, post.at).as_bytes(), policy=policy.default), delivery


def mailbox(**more):
    box = Mailbox.objects.create(address=BEACON, name="Beacon Support", **more)
    known.forget()
    return box


def opened(post, cast):
    mail = post.take(post.write(cast.priya.email, to=BEACON), recipients=[BEACON])
    return mail.ticket


def test_the_answer_comes_from_the_mailbox_and_what_they_answer_to_it_joins(post, cast):
    mailbox()
    ticket = opened(post, cast)
    ours, delivery = sent(post, ticket)
    assert ours["From"] == f"Beacon Support <{BEACON}>"
    answer_to = ours["Reply-To"].addresses[0]
    assert (answer_to.domain, answer_to.username.partition("+")[0]) == ("product.example", "beacon")
    assert email._envelope(delivery) == answer_to.addr_spec  # bounces come back there
    raw = post.write(cast.priya.email, "It is the new one.", to=answer_to.addr_spec)
    back = post.take(raw, recipients=[answer_to.addr_spec])
    assert (back.outcome, back.ticket) == ("reply", ticket)


def test_others_are_answered_from_the_support_address(post, cast):
    mailbox()
    ours, _ = sent(post, post.opened(cast.priya.email))
    assert ours["From"].addresses[0].addr_spec == "support@vendor.example"


def test_a_mailbox_that_is_switched_off_answers_nobody(post, cast):
    box = mailbox()
    ticket = opened(post, cast)
    Mailbox.objects.filter(pk=box.pk).update(active=False)
    known.forget()
    ours, _ = sent(post, ticket)
    assert ours["From"].addresses[0].addr_spec == "support@vendor.example"
    assert ours["Reply-To"].addresses[0].domain == "vendor.example"
