"""A morning at the demo vendor: requests in every step, done through the verbs, so that their logs are true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.allowances import prices
from mainstay.customers.models import Contact
from mainstay.tickets import acknowledgement, closure, coverage, dispatch, resolution, triage
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Ticket


def create(at: datetime) -> None:
    """About a dozen tickets whose last step lies before `at`. Their people are those of `config.demo`."""
    _prices(at)
    _Morning(at).happens()


PRICES = (("standard", "6000", "6600"), ("high", "24000", "26500"), ("critical", "72000", "79000"))


def _prices(at: datetime) -> None:
    """The price list since January, in two currencies."""
    lena = Actor.staff(User.objects.get(email="lena@vendor.example"))
    for package, euros, dollars in PRICES:
        for currency, amount in (("EUR", euros), ("USD", dollars)):
            prices.set_price(
                package=package, currency=currency, amount=amount, from_day=at.date().replace(month=1, day=1),
                note="", by=lena, at=at,
            )  # fmt: skip


@dataclass
class _Morning:
    now: datetime

    def happens(self) -> None:
        for story in (
            self._closed, self._third_party, self._proposed, self._export, self._out_of_scope, self._directory,
            self._thanks, self._invoice, self._badges, self._wish, self._unread, self._unknown,
        ):  # fmt: skip
            story()

    # ---- people and times

    def _ago(self, **time: float) -> datetime:
        return self.now - timedelta(**time)

    def _staff(self, name: str) -> Actor:
        return Actor.staff(User.objects.get(email=f"{name}@vendor.example"))

    def _raise(
        self, email: str, subject: str, text: str, at: datetime, **more: object
    ) -> tuple[Ticket, Actor]:
        contact = Contact.objects.select_related("customer").get(email=email)
        by = Actor.contact(contact.pk, contact.name)
        request = acknowledgement.Request(
            subject=subject,
            said=Said(text, "email", address=email),
            customer=contact.customer,
            contact=contact,
            address=email,
            name=contact.name,
            environment=contact.customer.environments.select_related("product").first(),
            **more,  # type: ignore[arg-type]
        )
        return acknowledgement.open_ticket(request, by=by, at=at), by

    def _triage(
        self, ticket: Ticket, severity: int, reason: str, at: datetime, category: str = "technical"
    ) -> None:
        by = self._staff("ifeoma")
        triage.triage(ticket, severity=severity, category=category, reason=reason, by=by, at=at)

    def _dispatch(self, ticket: Ticket, name: str, at: datetime) -> Actor:
        user = User.objects.get(email=f"{name}@vendor.example")
        proposed = {one.user.pk: list(one.because) for one in dispatch.candidates(ticket, at=at)}
        by = self._staff("ifeoma")
        dispatch.assign(ticket, to=user, because=proposed.get(user.pk), by=by, at=at)
        return Actor.staff(user)

    def _reply(self, ticket: Ticket, text: str, by: Actor, at: datetime, **more: bool) -> None:
        resolution.reply(ticket, said=Said(text, "desk"), by=by, at=at, **more)  # type: ignore[arg-type]

    # ---- what happens

    def _badges(self) -> None:
        ticket, priya = self._raise(
            "priya@harbourline.example",
            "Badge sign-in refused at three hospitals, certificate chain error",
            "Since a quarter of an hour the badge readers at St Brendan's, Wharf Street and Northshore refuse every"
            " sign-in. Nurses cannot open medication cabinets.\n\nThe gateway log says: x509: certificate signed by"
            " unknown authority.\n\nProduct version: 9.4.2\nOur reference: INC0094417",
            self._ago(minutes=190),
            customer_reference="INC0094417",
            emergency=(
                "says: cannot open medication cabinets",
                "the customer's contract is Business Critical",
            ),
            facts={
                "business_impact": {
                    "value": "Nurses cannot open medication cabinets",
                    "source": "body, line 2",
                },
                "product_version": {"value": "9.4.2", "source": "body, line 6"},
                "customer_reference": {"value": "INC0094417", "source": "body, line 7"},
            },
        )
        self._triage(ticket, 1, "Production sign-in stopped at three sites.", self._ago(minutes=183))
        mara = self._dispatch(ticket, "mara", self._ago(minutes=181))
        self._reply(
            ticket,
            "Priya, I have this now. The gateways still trust an intermediate certificate that expired this morning;"
            " I am checking whether the renewed one reached them.",
            mara,
            self._ago(minutes=178),
        )
        self._reply(ticket, "May we restart gateway 2 at St Brendan's? It takes about 40 seconds.", mara,
                    self._ago(minutes=120), wait=True)  # fmt: skip
        approved = Said(
            "Approved. Ward 4 is on paper until then.", "email", address="priya@harbourline.example"
        )
        resolution.customer_replied(ticket, said=approved, by=priya, at=self._ago(minutes=102))
        resolution.note(ticket, said=Said("The renew job wrote the new chain to the old path: 9.4.2 moved it.", "desk"),
                        by=mara, at=self._ago(minutes=88))  # fmt: skip
        resolution.link_defect(
            ticket, reference="GW-3391", fixed_in="9.4.3", by=mara, at=self._ago(minutes=85)
        )
        resolution.report_progress(
            ticket, status="Cause found; the new chain works on gateway 2. The other two follow.",
            estimate=self.now + timedelta(minutes=70), next_step="Nothing now", by=mara, at=self._ago(minutes=48),
        )  # fmt: skip

    def _directory(self) -> None:
        ticket, _ = self._raise(
            "aiko@kitano.example",
            "Directory sync writes the old surname back after a change",
            "When a colleague's surname changes, the sync writes the old one back after about an hour.\n\n"
            "How often: every time\nSeverity: 2",
            self._ago(hours=26),
            facts={"desired_severity": {"value": "2", "source": "body, line 4"}},
        )
        self._triage(ticket, 2, "Work goes on; data is wrong for a few people.", self._ago(hours=25.5))
        sanjay = self._dispatch(ticket, "sanjay", self._ago(hours=25))
        self._reply(
            ticket,
            "Thank you, we see it here too and are looking for the cause.",
            sanjay,
            self._ago(hours=24),
        )

    def _export(self) -> None:
        ticket, _ = self._raise(
            "beth@fernleigh.example",
            "The weekly report export is empty",
            "The export of access reviews has had no rows since Monday.",
            self._ago(hours=30),
        )
        self._triage(ticket, 3, "A report, with the data still on screen.", self._ago(hours=29))
        sanjay = self._dispatch(ticket, "sanjay", self._ago(hours=28.5))
        self._reply(ticket, "Which browser do you use, and does the page show rows before you export?", sanjay,
                    self._ago(hours=27), wait=True)  # fmt: skip

    def _proposed(self) -> None:
        ticket, _ = self._raise(
            "tom@harbourline.example",
            "MFA prompt is shown twice on the jump host",
            "Every sign-in on the jump host asks twice.",
            self._ago(hours=50),
        )
        self._triage(ticket, 3, "Annoying, not blocking.", self._ago(hours=49))
        mara = self._dispatch(ticket, "mara", self._ago(hours=48))
        resolution.propose_solution(
            ticket, text="Set session.reuse to true on the jump host and sign in once more.", by=mara,
            at=self._ago(hours=20),
        )  # fmt: skip

    def _third_party(self) -> None:
        ticket, _ = self._raise(
            "edgar@corvid.example",
            "HSM driver returns CKR_DEVICE_ERROR after the patch",
            "Signing fails about once an hour since the driver was patched.",
            self._ago(hours=70),
        )
        self._triage(ticket, 2, "Signing works again after a retry.", self._ago(hours=69))
        sanjay = self._dispatch(ticket, "sanjay", self._ago(hours=68))
        self._reply(ticket, "We have passed your trace to the HSM's maker.", sanjay, self._ago(hours=66))
        resolution.wait_for_third_party(
            ticket, for_="the HSM's maker, case 55120", until=self.now + timedelta(days=3), by=sanjay,
            at=self._ago(hours=65),
        )  # fmt: skip

    def _thanks(self) -> None:
        ticket, aiko = self._raise(
            "aiko@kitano.example",
            "How do we rotate the SAML signing key without downtime?",
            "We have to rotate it before Friday.",
            self._ago(hours=8),
        )
        self._triage(ticket, 3, "A question with a date.", self._ago(hours=7), category="enquiry")
        mara = self._dispatch(ticket, "mara", self._ago(hours=6.5))
        self._reply(ticket, "Publish both keys, wait a day, then drop the old one. The steps are in the guide.", mara,
                    self._ago(hours=6))  # fmt: skip
        asks = Said(
            "And what if a partner caches metadata for a week?", "email", address="aiko@kitano.example"
        )
        resolution.customer_replied(ticket, said=asks, by=aiko, at=self._ago(hours=1))

    def _invoice(self) -> None:
        ticket, _ = self._raise(
            "beth@fernleigh.example",
            "Invoice NI-30912 charges 40 seats more than we have",
            "We have 260 seats; the invoice says 300.",
            self._ago(hours=5),
        )
        self._triage(ticket, 3, "A billing question.", self._ago(hours=4), category="billing")

    def _wish(self) -> None:
        ticket, _ = self._raise(
            "jonah@quill.example",
            "Please let us choose the day on which reports are mailed",
            "Fridays would suit us.",
            self._ago(hours=3),
        )
        self._triage(ticket, 3, "A wish.", self._ago(hours=2.5), category="feature")

    def _out_of_scope(self) -> None:
        ticket, _ = self._raise(
            "tom@harbourline.example",
            "Logo on the sign-in mail is the old one",
            "Could you change the logo in the mail template for us?",
            self._ago(hours=28),
        )
        coverage.rule_out_of_scope(
            ticket, rule="cosmetic", reason="A mail template's logo.",
            text="Changing logos in mail templates is not part of support. The guide shows how to do it yourselves,"
            " and our consultants will gladly do it for you.",
            by=self._staff("ifeoma"), at=self._ago(hours=27),
        )  # fmt: skip

    def _unread(self) -> None:
        self._raise(
            "nora@lapsed.example",
            "Are you still there?",
            "Our subscription has ended, but sign-in fails for half of us. Can you help?",
            self._ago(minutes=50),
        )
        self._raise(
            "priya@harbourline.example",
            "Which log shows why a token was refused?",
            "We look for the reason of a refused token in the gateway's logs.",
            self._ago(minutes=25),
        )

    def _unknown(self) -> None:
        request = acknowledgement.Request(
            subject="Question about your product",
            said=Said("Does it work with smart cards?", "email", address="someone@elsewhere.example"),
            address="someone@elsewhere.example",
            name="Someone",
            withhold_answer="a demo request; nobody is behind this address",
        )
        acknowledgement.open_ticket(request, by=Actor.unknown("Someone"), at=self._ago(minutes=15))

    def _closed(self) -> None:
        ticket, priya = self._raise(
            "priya@harbourline.example",
            "LDAP bind takes eight seconds on the pathology cluster",
            "Since the update each bind takes eight seconds.",
            self._ago(hours=120),
        )
        self._triage(ticket, 2, "Slow, and it works.", self._ago(hours=119))
        mara = self._dispatch(ticket, "mara", self._ago(hours=118.5))
        self._reply(
            ticket,
            "The resolver asks a server that is gone. We prepare a setting.",
            mara,
            self._ago(hours=118),
        )
        resolution.record_root_cause(
            ticket, category="configuration", text="The resolver asked a name server that had been removed.",
            fix="The list of name servers was mended.", by=mara, at=self._ago(hours=100),
        )  # fmt: skip
        resolution.propose_solution(ticket, text="Remove 10.0.0.9 from the list of name servers.", by=mara,
                                    at=self._ago(hours=99))  # fmt: skip
        closure.accept(ticket, by=priya, at=self._ago(hours=75))
