"""What nobody should send, sent through HTTP: one clear error that names the field, and never a 500.

Each form is sent as it should be, then with one field at a time made odd. What was taken in spite of it has to
be shown by the pages and told by the letters afterwards.
"""

import base64
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from addresses import addresses
from cast import Cast
from mainstay.accounts.models import User
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package, ServiceLevel
from mainstay.contracts.models import Contract
from mainstay.customers.models import Contact, Environment, Release
from mainstay.desk import typed
from mainstay.desk.setup import calendars, closing, exclusions, flow, severities, sold
from mainstay.notices import links
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Setback
from mainstay.sla.policy import CLOCKS, MAY_START_LATER
from mainstay.tickets import verify
from mainstay.tickets.files import LIMIT
from mainstay.tickets.models import Ticket

AHEAD = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT15:00")
ODD = {
    "nothing": "",
    "NUL": "\x00",
    "NUL within": "a\x00b",
    "a lone surrogate": "\ud800x",
    "far too long": "x" * 250_001,
    "too long": "x" * 1200,
    "a digit that is none": "²",
    "a huge number": "9" * 25,
    "a number of eighteen digits": "9" * 18,
    "below nought": "-1",
    "before all time": "0001-01-01T00:00+14:00",
    "the end of time": "9999-12-31T23:59",
    "the first day": "0001-01-01",
    "the last day": "9999-12-31",
    "odd characters": "a\x00b\ud800\r\nBcc: y@z.example\r\n\u202e\U0001f4a5 {{7*7}} <script>alert(1)</script>",
    "escapes": '{"summary": "\\u0000\\ud800"}',
}
WORDS = "Hello\n\n{words}\n\n{facts}\n\n{buttons}"
ANY = ("odd characters", "far too long", "a digit that is none")
NUMBERS = dict.fromkeys(
    (
        "other",
        "engineer",
        "owner",
        "rank",
        "level",
        "note",
        "person",
        "stand_in",
        "notice",
        "tam",
        "environment",
        "release",
        "capacity",
        "members",
        "minutes",
        "people",
        "contact",
        "severity",
        "t_severity",
        "t_target",
        "seq",
        "ticket",
        "notice_hours",
        "score",
    ),
    ("a huge number", "a number of eighteen digits", "below nought"),
)
TIMES = dict.fromkeys(
    (
        "start",
        "estimate",
        "until",
        "first_day",
        "last_day",
        "signed_on",
        "released_on",
        "maintained_until",
        "due_on",
        "review_by",
        "from_day",
        "day",
        "from",
        "to",
        "end",
        "announced",
        "on",
        "held_on",
        "next_on",
    ),
    ("before all time", "the end of time", "the first day", "the last day"),
)
PAST = {"start": "2020-01-01T10:00", "estimate": "2020-01-01T10:00", "until": "2020-01-01T10:00"}

Form = tuple[str, dict[str, str], tuple[tuple[str, dict[str, str]], ...]]


def form(address: str, fields: dict[str, str], *before: tuple[str, dict[str, str]]) -> Form:
    """A form as it should be filled in; `before`: what has to be sent first, by Ruth where it is of the desk."""
    return address, fields, before


T = "desk/tickets/<int:number>"
WAIT = (f"{T}/waiting", {"for": "the maker of the reader"})
MEET = {
    "kind": "call", "about": "The readers", "minutes": "30", "place": "+61 2", "staff": "1", "contact": "1",
    "anyway": "1",
}  # fmt: skip
OPEN_TASK = (f"{T}/tasks/<int:task>/reopening", {})
SNOOZE = (f"{T}/snooze", {"when": "at", "until": AHEAD, "note": "the reader", "anyway": "1"})
CLOSE = (f"{T}/closure", {"reason": "resolved", "text": "Done."})
SOLVE = (f"{T}/solution", {"text": "Done."})
OUTSIDE = (f"{T}/scope", {"rule": "entra", "reason": "Not ours.", "text": "Sorry."})
APPEAL = (f"{T}/appeal", {"reason": "They say it is ours."})
OFFER = (f"{T}/offer", {"price": "100 EUR", "text": "We look into it."})
ANSWERS = {"a_production": "yes", "a_available": "partly", "a_since": "this morning"}

TRIAGE = (
    form(f"{T}/suggestion", {**ANSWERS, "severity": "1", "category": "technical", "reason": "x"}),
    form(f"{T}/triage", {**ANSWERS, "severity": "2", "category": "technical", "reason": "As said."}),
    form(f"{T}/severity", {"severity": "1", "reason": "It stopped."}),
    form(f"{T}/question", {"text": "Which version?", "until": AHEAD}),
    form(f"{T}/question", {"text": "Which version?", "names": "product_version"}),
    form(f"{T}/information", {}),
    form(f"{T}/scope", {"rule": "", "reason": "Not ours.", "text": "Sorry."}),
    form(f"{T}/offer", {"price": "100 EUR", "text": "We look into it."}, OUTSIDE),
    form(f"{T}/appeal", {"reason": "They say it is ours."}, OUTSIDE),
    form(f"{T}/appeal-decision", {"decision": "stands", "reason": "So.", "text": "Sorry."}, OUTSIDE, APPEAL),
    form(f"{T}/links", {"other": "1", "kind": "related", "remove": ""}),
    form(f"{T}/follow-up", {"subject": "Badges", "text": "It goes on."}, CLOSE),
    form(f"{T}/follow-up/undoing", {}),
    form(f"{T}/merge", {"other": "1", "reason": "The same."}),
    form(f"{T}/merge/undoing", {}),
    form(f"{T}/split", {"messages": "1", "subject": "Printers", "reason": "Another matter."}),
    form(f"{T}/common-cause", {"cause": "", "title": "An expired certificate", "remove": ""}),
    form(f"{T}/draft", {"kind": "reply", "text": "Half", "until": AHEAD, "next_step": "Wait"}),
    form(f"{T}/said/<int:seq>/withdrawal", {}),
    form(f"{T}/presence", {"seq": "1", "typing": "1"}),
    form("desk/answers", {"title": "Restart", "language": "en", "category": "", "text": "Dear {{contact}}"}),
    form("desk/answers/<int:number>", {"title": "Restart", "language": "", "category": "", "text": "Hello"}),
    form("desk/answers/<int:number>/retirement", {}),
    form(f"{T}/emergency", {}),
    form(
        f"{T}/customer", {"customer": "CORVID", "contact": "edgar@corvid.example", "reason": "They said so."}
    ),
    form(f"{T}/facts/<slug:name>", {"value": "1. open it"}),
    form(f"{T}/participants/<int:participant>/approval", {}),
    form(f"{T}/escalation", {"reason": "Wards stand still."}),
    form(f"{T}/flags", {"flag": "by_phone", "reason": "Priya called.", "remove": ""}),
    form(f"{T}/environment", {"environment": "", "reason": "It is about none of them."}),
    form(f"{T}/language", {"language": "de", "reason": "She writes German."}),
    form(f"{T}/agreed", {"clock": "", "target": "", "calendar": "", "reason": "So said."}),
)
WORK = (
    form(f"{T}/assignment", {"engineer": "1", "reason": "near", "because": "on duty"}),
    form(f"{T}/handover", {"engineer": "1", "note": "All is said above."}),
    form(f"{T}/schedule", {"start": AHEAD, "reason": "window"}),
    form(f"{T}/replies", {"text": "Hello.", "seq": "1"}),
    form(f"{T}/notes", {"text": "Hm."}),
    form(f"{T}/progress", {"text": "Found.", "estimate": AHEAD, "next_step": "Wait", "change_reason": "more"}),
    form(f"{T}/waiting", {"for": "the maker", "until": AHEAD}),
    form(f"{T}/resumption", {"reason": "They answered."}, WAIT),
    form(f"{T}/snooze", SNOOZE[1]),
    form(f"{T}/snooze/end", {}, SNOOZE),
    form(f"{T}/watch", {}),
    form(f"{T}/appointments", {**MEET, "start": AHEAD}),
    form(f"{T}/appointments/<int:appointment>", {**MEET, "start": AHEAD, "reason": "A flight."}),
    form(f"{T}/appointments/<int:appointment>/cancellation", {"reason": "Solved."}),
    form(f"{T}/tasks", {"title": "Ask the maker", "owner": "1", "due_on": AHEAD[:10], "due_time": "15:00"}),
    form(f"{T}/tasks/<int:task>/reopening", {"words": "Not yet."}),
    form(f"{T}/tasks/<int:task>/done", {"words": "Asked."}, OPEN_TASK),
    form(f"{T}/tasks/<int:task>/removal", {"words": "Not needed."}, OPEN_TASK),
    form(f"{T}/watch/end", {}, (f"{T}/watch", {})),
    form(f"{T}/workaround", {"text": "By hand."}),
    form(f"{T}/root-cause", {"category": "defect", "text": "A slip.", "fix": "Mended.", "tell": "1"}),
    form(f"{T}/defects", {"reference": "D-1", "url": "https://t.example/1", "fixed_in": "7.1"}),
    form(f"{T}/solution", {"text": "Take 7.1.", "left_open": "Later."}),
    form(f"{T}/solution", {"text": "Take 7.1.", "left_open": "Later."}, OPEN_TASK),
    form(f"{T}/closure", {"reason": "resolved", "text": "Done.", "left_open": "Later."}),
    form(f"{T}/closure", {"reason": "resolved", "text": "Done.", "left_open": "Later."}, OPEN_TASK),
    form(f"{T}/reopening", {"reason": "By mistake."}, CLOSE),
)  # fmt: skip
NONE = {"customer": "LAPSED", "contact": "nora@lapsed.example", "reason": "They said so."}
UNDECIDED = (f"{T}/customer", NONE)
SAID = {"reason": "Known for years.", "text": "Dear Nora, gladly."}
COVERED = (
    form(f"{T}/work", {"minutes": "30", "day": timezone.now().strftime("%Y-%m-%d"), "text": "Read", "free": ""}),
    form(f"{T}/work/<int:entry>", {
        "minutes": "20", "day": timezone.now().strftime("%Y-%m-%d"), "text": "Read", "free": "1", "reason": "Twice",
    }),
    form(f"{T}/timer", {"seq": "1"}),
    form(f"{T}/timer/stop", {"minutes": "12", "text": "Read", "free": ""}, (f"{T}/timer", {"seq": "1"})),
    form(f"{T}/timer/removal", {"seq": "1"}, (f"{T}/timer", {"seq": "1"})),
    form(f"{T}/entitlement/service", SAID, UNDECIDED),
    form(f"{T}/entitlement/offer", {**SAID, "package": "standard"}, UNDECIDED),
    form(f"{T}/entitlement/decline", SAID, UNDECIDED),
    form("desk/prices", {
        "package": "high", "amount": "12000.00", "currency": "EUR", "from_day": "2026-01-01", "note": "net",
    }),
    form("desk/customers/<str:code>/named", {"number": "", "contact": "1", "beyond": "for May"}),
    form("desk/customers/<str:code>/named/<int:named>/removal", {}),
    form("desk/customers/<str:code>/subscriptions/<int:subscription>", {
        "product": "atlas", "first_day": "2024-01-01", "last_day": "2099-12-31", "reason": "A slip.",
    }),
    form("desk/customers/<str:code>/subscriptions/<int:subscription>/renewal", {"last_day": "2099-12-31"}),
    form("desk/customers/<str:code>/subscriptions/<int:subscription>/removal", {"reason": "It never was."}),
    form("desk/customers/<str:code>/onboarding/ticks", {"item": "introduced", "note": "By phone.", "remove": ""}),
    form("desk/customers/<str:code>/onboarding/contacts", {
        "list": "name,email\nAnn Lee,ann@harbourline.example", "import": "1", "without_wrong": "",
    }),
    form("desk/customers/<str:code>/onboarding/welcome", {
        "people": "1", "subject": "Welcome", "text": "Dear {name}, hello.", "send": "1",
    }),
)  # fmt: skip
HERS = (f"{T}/assignment", {"engineer": "ruth"})
MANY = {"ticket": "1", "go": "1", "once": "", "next": "/desk/?q=sev:1"}
OF_MANY: dict[str, dict[str, str]] = {
    "take": {}, "give": {"engineer": "1", "reason": "near"}, "severity": {"severity": "2", "reason": "It stopped."},
    "category": {"category": "billing", "reason": "An invoice."}, "note": {"text": "Hm."},
    "wait": {"for": "the maker", "until": AHEAD}, "wake": {}, "close": {"reason": "resolved", "text": "Done."},
}  # fmt: skip
HOUSE = (
    form("desk/tickets/new", {
        "channel": "phone", "customer": "HARBOURLINE", "contact": "priya@harbourline.example", "caller": "Pat",
        "subject": "A call", "description": "It rang.", "category": "technical", "reference": "INC1",
    }),
    form("desk/now/seen", {"notice": "1"}),
    form("desk/concerns/<int:number>/answer", {"text": "Owen calls you within the hour."}),
    form("desk/more/first-hour", {"back": ""}),
    form("desk/progress/new", {"ticket": "1", "send": "1", "reason": "Late.", "common-en": "We work on it."}),
    form("desk/handover", {"engineer": "1", "ticket": "1", "note": "All quiet.", "until": AHEAD}),
    form("desk/handover/acceptance", {"handover": "1"}),
    form("desk/handover/<int:number>/return", {"reason": "I am away from noon."}, HERS),
    *(form("desk/bulk", {**MANY, "act": act, **fields}) for act, fields in OF_MANY.items()),
    form("desk/bulk/<int:number>/undo", {"x": "y"}, ("desk/bulk", {**MANY, "act": "take"})),
    form("desk/views", {"name": "Grave ones", "query": "sev:1 -is:waiting due:<2h", "shared": "everybody"}),
    form("desk/views/<int:number>", {"act": "rename", "name": "Gravest"}),
    *(form("desk/views/<int:number>", {"act": act}) for act in ("up", "remove", "restore")),
    form("desk/held/<int:number>/<slug:decision>", {}),
    form("desk/outbox/<int:number>/retry", {}),
    form("desk/customers", {
        "name": "Acme", "code": "ACME", "time_zone": "Europe/London", "country": "GB", "domain": "acme.example",
    }),
    form("desk/customers/<str:code>/contacts", {
        "name": "Pat", "email": "pat@acme.example", "phone": "+44 1", "sees": "all", "is_admin": "1",
    }),
    form("desk/customers/<str:code>/domains", {"domain": "harbour.example"}),
    form("desk/customers/<str:code>/notes", {"note": "They freeze in June.", "pinned": "1"}),
    form("desk/customers/<str:code>/keeping", {"note": "1", "act": "pin"}),
    form("desk/people", {"name": "Nia", "email": "nia@vendor.example", "time_zone": "UTC", "roles": "engineer"}),
    form("desk/people/<int:number>", {"roles": "engineer", "time_zone": "UTC", "is_active": "1"}),
)  # fmt: skip
DAY = timezone.now().strftime("%Y-%m-%d")
SETTING_UP = (
    form("desk/customers/<str:code>/reviews", {"on": DAY}),
    form("desk/customers/<str:code>/reviews/held", {"held_on": DAY, "agreed": "So.", "next_on": DAY}),
    form("desk/customers/<str:code>/reviews/<int:review>/tasks", {"title": "Send it", "owner": "1", "due_on": DAY}),
    form("desk/portfolio/stand-ins", {"person": "1", "stand_in": "1", "from": AHEAD, "until": "2099-01-01T10:00"}),
    form("desk/portfolio/stand-ins/<int:number>/end", {"x": "y"}),
    form("desk/customers/<str:code>/profile", {
        "name": "Harbourline", "time_zone": "UTC", "country": "AU", "subdivision": "NSW", "tam": "",
        "language": "de", "shares_tickets": "",
    }),
    form("desk/customers/<str:code>/contracts", {
        "number": "HA-9", "package": "critical", "first_day": "2099-01-01", "last_day": "2099-12-31",
        "environment": "", "phone_number": "+61", "signed_on": DAY,
    }),
    form("desk/customers/<str:code>/contracts/<int:contract>/end", {"last_day": DAY}),
    form("desk/customers/<str:code>/subscriptions", {"product": "atlas", "first_day": DAY, "last_day": "2099-12-31"}),
    form("desk/customers/<str:code>/contacts/<int:contact>", {"name": "Priya", "phone": "+61", "sees": "all"}),
    form("desk/customers/<str:code>/contacts/<int:contact>/removal", {}),
    form("desk/customers/<str:code>/environments", {
        "name": "Third", "kind": "test", "product": "atlas", "release": "",
    }),
    form("desk/customers/<str:code>/environments/<int:environment>", {
        "name": "First", "kind": "production", "product": "atlas", "release": "",
    }),
    form("desk/people/<int:number>/duty", {
        "skills": "atlas", "languages": "en", "mon": "09:00-17:00", "capacity": "9", "dedicated_to": "",
    }),
    form("desk/people/<int:number>/absences", {"from": AHEAD, "to": "2099-01-01T10:00", "reason": "away"}),
    form("desk/people/<int:number>/absences/<int:absence>/removal", {}),
    form("desk/people/<int:number>/link", {}),
    form("desk/products", {"code": "cove", "name": "Cove"}),
    form("desk/products/<slug:product>/releases", {
        "version": "9", "released_on": DAY, "maintained_until": "2099-12-31",
    }),
    form("desk/mailboxes", {"address": "beacon@vendor.example", "name": "Beacon", "kind": "smtp"}),
    form("desk/mailboxes/<int:number>", {"address": "atlas@vendor.example", "name": "A", "kind": "smtp"}),
    form("desk/mailboxes/<int:number>/switch", {"on": "1"}),
    form("desk/wordings/<slug:language>/<slug:letter>", {"text": WORDS, "over": "0", "why": "shorter"}),
    form("desk/wordings/<slug:language>/<slug:letter>/preview", {"text": WORDS}),
    form("desk/wordings/<slug:language>/<slug:letter>/test", {"text": WORDS}),
    form("desk/wordings/<slug:language>/<slug:letter>/shipped", {"over": "0"}),
    form("desk/teams", {"code": "night", "name": "Night", "categories": "billing", "members": "1"}),
    form("desk/teams/<slug:team>", {"name": "Support", "categories": "technical", "members": "1"}),
)  # fmt: skip
K = "desk/kpis/<str:code>"
PERIOD = f"{K}/<int:contract>/<slug:measure>/<str:period>"
BEGAN = (timezone.now() - timedelta(days=12)).strftime("%Y-%m-%dT15:00")
ENDED = (timezone.now() - timedelta(days=11)).strftime("%Y-%m-%dT15:00")
FIGURES = (
    form(f"{T}/why/<slug:clock>/<int:n>/cause", {"cause": "Slow.", "changed": "Faster.", "excuse": "Snow."}),
    form("desk/causes/<int:cause>/decision", {"decision": "approve", "reason": "Seen."}),
    form(f"{K}/outages", {"environment": "", "start": BEGAN, "end": ENDED, "ticket": "", "note": "disk"}),
    form(f"{K}/outages/<int:outage>/end", {"end": (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT15:00")}),
    form(f"{K}/outages/<int:outage>/withdrawal", {"reason": "None."}),
    form(f"{K}/outages/<int:outage>/cause", {"cause": "Slow.", "changed": "Faster.", "excuse": "Snow."}),
    form(f"{K}/windows", {
        "environment": "", "start": BEGAN, "end": ENDED, "announced": BEGAN, "notice_hours": "48", "note": "patches",
    }),
    form(f"{K}/windows/<int:window>/withdrawal", {"reason": "None."}),
    form(f"{K}/measurements", {"lines": "at,milliseconds,environment\n2026-03-05T00:00:00Z,250,Production"}),
    form(f"{K}/credits/<int:credit>/<slug:step>", {"reason": "Fair."}),
    form(f"{PERIOD}/freezing", {"from": ""}),
    form(f"{PERIOD}/correction", {"reason": "Found.", "from": ""}),
)  # fmt: skip
M, K = "desk/maintenance/<int:number>", "desk/tasks/<int:number>"
ABOUT = {
    "kind": "advisory", "product": "atlas", "release": "", "reference": "A-1", "severity": "high",
    "affected": ">= 6.0, < 7.2", "fixed_in": "7.2", "language": "en",
}  # fmt: skip
TASK = {"title": "Upgrade", "text": "With you.", "owner": "1", "due_on": "2099-01-01", "told": "1"}
END = (f"{K}/ending", {"outcome": "Done."})
MAINTAIN = (
    form("desk/maintenance/new", ABOUT),
    form(M, ABOUT),
    form(f"{M}/texts", {"language": "en", "title": "Take 7.2", "text": "Soon.", "was": ""}),
    form(f"{M}/sending", {}),
    form(f"{M}/letters", {}),
    form(f"{M}/removal", {}),
    form(f"{M}/advice", {**TASK, "release": "1"}),
    form("desk/products/<slug:product>/releases/<int:release>", {
        "released_on": "2024-01-01", "maintained_until": "2099-12-31", "reason": "Longer.",
    }),
    form("desk/products/<slug:product>/releases/<int:release>/advice", {**TASK, "release": "1"}),
    form("desk/tasks", {**TASK, "kind": "preventive", "customer": "HARBOURLINE", "environment": "Production"}),
    form(K, {**TASK, "reason": "Later."}),
    form(f"{K}/ending", {"outcome": "Done.", "dropped": ""}),
    form(f"{K}/letters", {}),
    form(f"{K}/reopening", {"reason": "Not so."}, END),
)  # fmt: skip
D, C = "desk/contracts/drafts/<int:draft>", "desk/contracts/<int:contract>"
NEXT_YEAR = f"{timezone.now().year + 2}-01-01"
HEAD = {
    "number": "HA-1", "package": "critical", "first_day": NEXT_YEAR, "last_day": "2099-12-31", "environment": "",
    "phone_number": "+61 2 5550 0100", "tam": "", "team": "", "reason": "Grown.", "applies_to_open": "1",
}  # fmt: skip
SUBMITTED, APPROVED = (f"{D}/submission", {}), (f"{D}/approval", {"text": "Good."})
NEGOTIATED = (
    form("desk/contracts/drafts/new", {**HEAD, "customer": "LAPSED", "advice": ""}),
    form(f"{C}/drafts", {"kind": "amendment"}),
    form(f"{C}/suspension", {"from_day": DAY, "until": "2099-01-01", "why": "Unpaid."}),
    form(f"{C}/resumption", {"day": "2099-01-01"}, (f"{C}/suspension", {"from_day": "2026-01-01", "why": "Unpaid."})),
    form(f"{C}/taking-back", {"reason": "They changed their mind."}),
    form(f"{C}/papers", {"kind": "signed"}),
    form(f"{D}/head", {**HEAD, "number": ""}),
    form(f"{D}/lines", {
        "o targets first_response 1": "10m always", "a targets resolution 2": "2bd",
        "o calendar": "Mon-Sat 08:00-20:00 | Europe/London | holidays none", "o channels": "email, phone",
        "o kpis uptime": "99.995% strict guarantee per month; credits below 99: 10%, cap 50", "o contacts": "40",
        "o requests": "10 per month", "o included_hours": "8 per month, kept 2 months", "o price": "900.00 EUR, a year",
        "o closing solution_closes": "10bd", "o languages": "en, ja", "rest": '{"warn_at": 60}',
    }),
    form(f"{D}/takeover", {}),
    form(f"{D}/notes", {"line": "", "text": "They insist."}),
    form(f"{D}/submission", {}),
    form(f"{D}/approval", {"text": "Good."}, SUBMITTED),
    form(f"{D}/refusal", {"text": "Too cheap."}, SUBMITTED),
    form(f"{D}/withdrawal", {"reason": "They went elsewhere."}),
    form(f"{D}/signature", {
        "signed_on": DAY, "vendor_name": "Hana", "vendor_title": "Manager", "customer_name": "Priya",
        "customer_title": "CIO",
    }, SUBMITTED, APPROVED),
)  # fmt: skip
HOURS = {
    "over": "", "publish": "x", "reason": "Better.", "open": "", "kind": "week", "time_zone": "Europe/Berlin",
    "mon": "09:00-17:00", "fri": "22:00-06:00", "customer": "1", "place_country": "DE", "place_part": "BY",
    "place_which": "only", "place_names": "Karfreitag", "own": "12-24", "special": "12-31 closed", "words": "Days",
    "ics_name": "a.ics", "ics_dates": "2026-05-15", "kept": "", "with": "high", "seen_from": "", "try_target": "4h",
    "try_received": "2026-11-24T15:00",
}  # fmt: skip
MADE_OF = {
    "members": "business, always",
    "spans": "Fri 17:00 UTC - Mon 10:00 UTC",
    "choices": "business",
    "remove": "",
}
SHEETS = (
    ("desk/calendars/<slug:owner>/hours", HOURS),
    ("desk/calendars/<slug:owner>/new", {**HOURS, "code": "days", "kind": "any", **MADE_OF}),
    ("desk/calendars/<slug:owner>/new", {"over": "", "code": "days", "kind": "span", "time_zone": "", **MADE_OF}),
    ("desk/calendars/<slug:owner>/new", {"over": "", "code": "days", "kind": "choose", "time_zone": "", **MADE_OF}),
    ("desk/calendars/<slug:owner>/named/<slug:calendar>", {**HOURS, **MADE_OF}),
    ("desk/severities", {
        "over": "", "publish": "x", "reason": "Better.", "s_order": "1", "s_name": "Urgent", "s_definition": "All.",
        "s_urgency": "now", "s_examples": "Fire", "s_contact": "1", "s_de_name": "Dringend",
        "s_de_definition": "Alles.", "s_de_urgency": "jetzt", "n_name": "Wish", "n_definition": "Nice.",
        "n_urgency": "none", "like": "3", "shrink": "",
    }),
    ("desk/closing", {
        "over": "", "publish": "x", "reason": "Better.", "solution_reminders": "2bd", "solution_closes": "5bd",
        "question_reminders": "2bd, 5bd", "question_closes": "10bd", "reopen_window": "10bd", "channels": "email",
        "r_severity": "1", "r_when": "environment = production", "r_closes": "no", "r_reopens": "",
        "r_solution_reminders": "1bd", "r_solution_closes": "3bd", "r_question_reminders": "", "r_question_closes": "",
        "r_reopen_window": "",
    }),
    *((address, {
        "over": "", "publish": "x", "reason": "Better.", "code": "games", "title": "Games", "wording": "We do not.",
        "paid_path": "Ask.", "words": "chess*", "products": "atlas", "ended": "1", "de_title": "Spiele",
        "de_wording": "Nein.", "de_paid_path": "Fragen.", "remove": "",
    }) for address in ("desk/exclusions/new", "desk/exclusions/clauses/<slug:rule>")),
)  # fmt: skip
ROW = {"severity": "1", "when": "environment = production", "words": "So."}
CLOSES = {"solution_reminders": "2bd", "solution_closes": "5bd", "question_reminders": "2bd",
          "question_closes": "10bd", "reopen_window": "10bd"}  # fmt: skip
RULES = {
    **{
        f"targets_{name}": value
        for name, value in {
            **ROW,
            "clock": "resolution",
            "target": "8h",
            "calendar": "always",
            "kind": "promise",
            "share": "95",
            "agreed": "yes",
        }.items()
    },
    **{
        f"hours_rules_{name}": value
        for name, value in {**ROW, "calendar": "always"}.items()
        if name != "words"
    },
    **{
        f"kpis_{name}": value
        for name, value in {
            **ROW,
            "kpi": "in_time",
            "figure": "95",
            "strength": "guarantee",
            "per": "quarter",
            "year_starts": "02-01",
            "clock": "resolution",
            "least": "5",
            "code": "kept",
            "credits": "below 95: 10%, cap 50",
            "credits_of": "the fee",
            "credits_words": "By mail.",
        }.items()
    },
    **{
        f"escalations_{name}": value
        for name, value in {
            **ROW,
            "after": "75%",
            "to": "tam",
            "clock": "resolution",
            "calendar": "business",
        }.items()
    },
    **{f"closing_{name}": value for name, value in CLOSES.items()},
    **{
        f"closing_rules_{name}": value
        for name, value in {**ROW, **CLOSES, "closes": "no", "reopens": "yes"}.items()
        if name != "words"
    },
    **{f"starts_on_{clock}": "triaged" for clock in MAY_START_LATER},
    **{f"pauses_{clock}": "waiting_on_customer" for clock in CLOCKS},
    "on_reopen": "continue",
    "over": "",
    "publish": "x",
    "reason": "Better.",
    "open": "",
}
SOLD = {
    "desk/catalogue/level/critical": {
        **RULES, "name": "Business Critical", "rank": "3", "summary": "The gravest.", "warn_at": "75",
        "head_start_minutes_1": "60", "head_start_minutes_2": "30", "head_start_minutes_3": "15",
        "on_raise": "from_change", "on_lower": "from_start", "monitoring_depth": "continuous",
        "monitoring_interval_seconds": "10", "monitoring_words": "All.", "monitoring_trends": "1",
        "staffing_team": "dedicated", "staffing_named": "One engineer", "staffing_round_the_clock": "1",
        "escalation_severity": "1", "escalation_page": "1",
    },
    "desk/catalogue/package/critical": {
        **RULES, "name": "Critical", "level": "critical", "generation": "2026", "summary": "All of it.",
        "on_sale": "1", "tam": "1", "channels": "email", "environments": "production", "languages": "en",
        "other_channels": "chat", "channel_rules_channel": "phone", "channel_rules_hours": "business",
        "channel_rules_staffed": "business", "channel_rules_severities": "1, 2", "channel_rules_languages": "en",
        "channel_rules_words": "By telephone.", "contacts_included": "5", "contacts_per_units": "100",
        "contacts_of": "users", "contacts_most": "10", "contacts_beyond": "serve", "contacts_roles": "owner",
        "contacts_words": "So.", "requests_number": "5", "requests_per": "month", "requests_beyond": "decide",
        "requests_words": "So.", "included_hours_hours": "8", "included_hours_per": "month",
        "included_hours_carry_over_months": "2", "included_hours_beyond": "decide", "included_hours_for": "advice",
        "included_hours_words": "So.", "price_basis": "a year", "price_amount": "1200.00", "price_currency": "EUR",
        "price_per": "system", "price_percent": "20", "price_percent_of": "the licence", "price_floor": "100.00",
        "price_per_unit": "6.00", "price_unit": "user", "price_units_at_once": "10", "price_units_least": "10",
        "price_units": "100", "price_words": "Net.", "benefits": "A class a year.", "addons": "",
    },
}  # fmt: skip
CATALOGUE = (
    *(form(address, fields) for address, fields in SOLD.items()),
    form("desk/catalogue/policy/desk", {"reason": "Better.", "document": "", "over": "1"}),
    *(form(address, fields) for address, fields in SHEETS),
    form("desk/policy", {"text": "format = 2", "over": "x", "seen": "2026-03-02T09:00:00+00:00"}),
    form("desk/policy/shipped", {"looked": "x", "open": "", "keep": "", "seen": "2026-03-02T09:00:00+00:00"}),
    form("desk/policy/publication", {
        "text": "format = 2", "reason": "Better.", "open": "", "over": "x", "seen": "2026-03-02T09:00:00+00:00",
    }),
)  # fmt: skip
P = "organisation/people/<int:number>"
PORTAL = (
    form("requests/new", {
        "category": "technical", "subject": "Badges", "description": "They fail.", "form_key": "k", "customer": "",
        "environment": "Production", "guide_production": "yes", "guide_since": "today", "desired_severity": "1",
        "steps": "1. hold", "customer_reference": "INC1", "contact_phone": "+61", "act": "",
    }),
    form("requests/<int:number>/replies", {"text": "It still fails."}),
    form("requests/<int:number>/replies", {"text": "It still fails."}, CLOSE),
    form("requests/<int:number>/acceptance", {}, SOLVE),
    form("requests/<int:number>/refusal", {"text": "Not so."}, SOLVE),
    form("requests/<int:number>/closure", {"text": "Not needed."}),
    form("requests/<int:number>/appointments/<int:appointment>/wish", {"wish": "Thursday after four."}),
    form("requests/<int:number>/appeal", {"reason": "It is yours."}, OUTSIDE),
    form("requests/<int:number>/offer", {"answer": "accept", "seq": ""}, OUTSIDE, OFFER),
    form("requests/<int:number>/reopening", {}, CLOSE),
    form("organisation/complaints", {"customer": "HARBOURLINE", "text": "Nobody calls back."}),
    form("kpis/credits/<int:credit>/claim", {}),
    form("requests/<int:number>/participants/<int:participant>/approval", {}),
    form("requests/<int:number>/rating", {"score": "4", "words": "Quick."}, CLOSE),
    form("requests/<int:number>/concerns", {"kind": "severity", "text": "Three wards stand still."}),
    form("requests/<int:number>/participants", {"person": "1", "whole": "1"}),
    form("drafts/<slug:form>", {"subject": "Badges", "description": "Half a sen", "category": "technical"}),
    form("uploads", {
        "length": "12", "filename": "trace.log", "form": "request", "modified": "1767225600", "more": "a b",
    }),
    form("uploads/<uuid:upload>/decision", {"decision": "blacken"}),
    form("organisation/people", {
        "name": "Kim", "email": "kim@harbourline.example", "phone": "+61 2", "sees": "all", "team": "ward 3",
        "is_admin": "1", "customer": "HARBOURLINE",
    }),
    form(P, {"name": "Tom", "phone": "+61", "sees": "own", "team": "", "is_admin": "1"}),
    form(f"{P}/removal", {"x": "y"}),
    form(f"{P}/restoration", {"x": "y"}, (f"{P}/removal", {})),
    form("r/<str:token>", {"text": "Not needed."}),
    form("requests/new/suggestions", {
        "subject": "Clear the cache", "description": "How do I?", "environment": "Production", "customer": "",
        "product_version": "7.1", "look": "k", "language": "en",
    }),
    form("articles/<int:number>/opening", {"look": "k"}),
    form("articles/<int:number>/answer", {"answer": "yes", "why": "Quick.", "look": "k", "language": "en"}),
    form("publications/<int:number>/reading", {}),
    form("n/<str:token>", {}),
    form("u/<str:token>", {}),
    form("password", {"old_password": "x", "new_password1": "long enough it is", "new_password2": "another"}),
)  # fmt: skip
PUBLIC = (
    form("sign-in", {"email": "mara@vendor.example", "password": "x", "next": "/desk/"}),
    form("sign-in/link", {"email": "mara@vendor.example"}),
    form("sign-in/link/<str:token>", {"x": "y"}),
    form("sign-out", {"x": "y"}),
    form("ui/theme", {"theme": "dark", "next": "/"}),
    form("ui/language", {"language": "de", "next": "/"}),
    form("", {"x": "y"}),
    form("healthz", {"x": "y"}),
)
ADVISING = (
    form("desk/advisor/rules", {
        "form": "table", "based_on": "1", "band-2": "35", "points-users-more": "9", "at_least-users-more": "standard",
        "at_most-environments-trial": "standard", "reason": "Better.",
    }),
    form("desk/advisor/rules/preview", {"form": "file", "based_on": "1", "file": "format = 1", "reason": ""}),
    form("desk/leads/<int:lead>/taking", {}),
    form("desk/leads/<int:lead>/settlement", {"note": "Signed."}),
    form("desk/leads/<int:lead>/removal", {}),
)  # fmt: skip
PROSPECTS = (
    form("advisor/<str:token>/lead", {
        "name": "Pat", "email": "pat@prospect.example", "organisation": "Prospect", "words": "Call me.", "website": "",
    }),
)  # fmt: skip
A = "desk/articles/<int:number>"
V = f"{A}/versions/<int:version>"
WORDS = {
    "language": "en",
    "title": "Clear it",
    "summary": "In short.",
    "body": "Do **it**.",
    "reason": "Clearer.",
}
WRITTEN = (
    form("desk/articles/new", {**WORDS, "audience": "public"}),
    form("desk/articles/preview", {"article": "1", "body": "Do **it**."}),
    form("desk/articles/synonyms", {"synonyms": "badge, id card"}),
    form(f"{A}/writing", {**WORDS, "seen": "", "submit": "1"}),
    form(f"{A}/audience", {"audience": "internal", "reason": "So."}),
    form(f"{A}/coverage", {"p-atlas": "1", "first-atlas": "6.4", "last-atlas": "7.1"}),
    form(f"{A}/care", {"owner": "1", "review_by": "2099-01-01"}),
    form(f"{A}/withdrawal", {"reason": "Wrong."}),
    form(f"{A}/return", {}, (f"{A}/withdrawal", {"reason": "Wrong."})),
    form(f"{A}/pictures", {}),
    form(f"{V}/submission", {}),
    form(f"{V}/publication", {"remark": "Good."}),
    form(f"{V}/refusal", {"remark": "Which?"}, (f"{V}/submission", {})),
    form(f"{V}/removal", {}),
    form(f"{V}/restoration", {"reason": "Better."}),
    form(f"{T}/articles", {"find": "cache"}),
    form(f"{T}/article", {"title": "Badges", "language": "en", "piece": "asked"}),
)
ADDED = ("requests/<int:number>/participants", {"person": "1", "whole": "1"})
LEAVES = (form("requests/<int:number>/participants/leaving", {"x": "y"}, ADDED),)
GROUPS = {
    "written": ("ruth", WRITTEN),
    "advising": ("ruth", ADVISING), "prospects": ("nobody", PROSPECTS),
    "triage": ("ruth", TRIAGE), "work": ("ruth", WORK), "house": ("ruth", HOUSE), "catalogue": ("ruth", CATALOGUE),
    "maintenance": ("ruth", MAINTAIN), "setting up": ("ruth", SETTING_UP), "figures": ("ruth", FIGURES),
    "negotiated": ("ruth", NEGOTIATED), "covered": ("ruth", COVERED), "portal": ("priya", PORTAL),
    "public": ("nobody", PUBLIC), "added": ("tom", LEAVES),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("django.request").setLevel(logging.ERROR)


def sends(client: Client, address: str, fields: Any) -> Any:
    """A form as bytes, so that it may hold what no browser sends."""
    if address == "/uploads":
        return begins(client, fields)
    body = urlencode(fields, errors="surrogatepass")
    return client.post(address, body, content_type="application/x-www-form-urlencoded")


def begins(client: Client, fields: dict[str, str]) -> Any:
    """A file that is to come piece by piece is announced in two headers (tus 1.0), as bytes that a server reads."""
    named = [
        f"{name} {base64.b64encode(fields[name].encode('utf-8', 'surrogatepass')).decode()}"
        for name in ("filename", "form", "modified")
        if name in fields
    ]
    says = {
        "Upload-Length": fields.get("length", ""),
        "Upload-Metadata": ",".join([*named, fields.get("more", "")]),
    }
    carried = {name: value.encode("utf-8", "surrogatepass").decode("latin-1") for name, value in says.items()}
    return client.post("/uploads", headers=carried)


def whole(fields: dict[str, str], address: str) -> dict[str, str]:
    """The fields whose right value depends on the database."""
    filled = dict(fields)
    if filled.get("ticket"):
        filled["ticket"] = str(Ticket.objects.latest("pk").pk)
    if "person" in filled:
        filled["person"] = str(Contact.objects.get(email="tom@harbourline.example").pk)
    if "rule" in filled:
        filled["rule"] = publish.current_desk_policy().document["exclusions"][0]["code"]
    if "kpis" in address and "environment" in filled:
        filled["environment"] = str(
            Environment.objects.get(customer__code="HARBOURLINE", name="Production").pk
        )
    if "engineer" in filled:
        filled["engineer"] = str(_staff("ruth" if filled["engineer"] == "ruth" else "mara"))
    for name in ("owner", "staff"):
        if name in filled:
            filled[name] = str(_staff("mara"))
    if "/appointments" in address and "contact" in filled:
        filled["contact"] = str(Contact.objects.get(email="priya@harbourline.example").pk)
    if filled.get("release"):
        filled["release"] = str(Release.objects.get(version="7.1").pk)
    if filled.get("number") == "":
        filled["number"] = Contract.objects.filter(customer__code="HARBOURLINE").earliest("pk").number
    if "document" in filled:
        filled["document"] = _document(address)
    if address in _PAGES:
        filled["over"] = flow.print_of(_PAGES[address], publish.export_parts())
    return filled


_PAGES = {
    "desk/calendars/<slug:owner>/hours": calendars.CalendarSheet("desk"),
    "desk/calendars/<slug:owner>/new": calendars.CalendarSheet("desk", new=True),
    "desk/calendars/<slug:owner>/named/<slug:calendar>": calendars.CalendarSheet("desk", "nights"),
    "desk/severities": severities.SeveritySheet(),
    "desk/closing": closing.ClosingSheet(),
    "desk/exclusions/new": exclusions.ExclusionSheet(),
    "desk/exclusions/clauses/<slug:rule>": exclusions.ExclusionSheet("entra"),
    "desk/catalogue/level/critical": sold.LevelSheet("critical"),
    "desk/catalogue/package/critical": sold.PackageSheet("critical"),
}


def _staff(name: str) -> int:
    return User.objects.get(email=f"{name}@vendor.example").pk


def _document(address: str) -> str:
    return json.dumps(publish.current_desk_policy().document)


# ---- every form, every field, every odd thing


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_no_field_of_any_form_breaks_a_page_or_a_letter(
    group: str, cast: Cast, things: Any, as_: Callable[..., Client]
) -> None:
    name, forms = GROUPS[group]
    theirs = things(cast.priya)
    clients = {who: as_(who) for who in {name, "ruth", "priya"}}
    wrong: list[str] = []
    for pattern, fields, before in forms:
        good = whole(fields, pattern)
        tries: list[tuple[str, dict[str, str]]] = [("as it should be", good), ("an empty form", {})]
        tries += [
            (f"{field}: {what}", {**good, field: ODD[what]})
            for field in good
            for what in _tries(field)
            if not (field in MANY and good.get("act") in OF_MANY.keys() - {"take"})  # read before the act is
        ]
        tries += [("a field nobody knows", {**good, "owner_id": "1", "x[]": "\x00", "\x00": "y"})]
        for what, body in tries:
            said = _tried(clients, name, theirs, pattern, body, before)
            wrong += [f"{pattern}, {what}: {one}" for one in said]
    assert wrong == []


def _tries(field: str) -> tuple[str, ...]:
    return (
        *ANY,
        *NUMBERS.get(field, ()),
        *TIMES.get(field, ()),
        *(("escapes",) if field == "document" else ()),
    )


def _tried(
    clients: dict[str, Client], name: str, theirs: Any, pattern: str, body: dict[str, str], before: Any
) -> list[str]:
    """What went wrong when this was sent; nothing of it stays."""
    with transaction.atomic():
        for earlier, fields in before:
            who = clients["ruth" if earlier.startswith("desk") else "priya" if name == "tom" else name]
            said = sends(who, theirs.address(earlier), whole(fields, earlier))
            assert said.status_code in {302, 303}, earlier
        status = sends(clients[name], theirs.address(pattern), body).status_code
        found = [f"answers {status}"] if status >= 500 else []
        if status in {302, 303} and name != "nobody":
            found += _afterwards(clients, theirs)
            found += [one for part, shows in SHOWN if part in pattern for one in shows(clients, theirs)]
        if pattern == "drafts/<slug:form>" and status == 200:
            found += _answered(clients, [("priya", "/requests/new")])
        transaction.set_rollback(True)
    for client in clients.values():
        client.cookies.pop("messages", None)
    return found


def _afterwards(clients: dict[str, Client], theirs: Any) -> list[str]:
    """What was taken is shown on both sides, told by letter, and its clocks agree with its log."""
    number = theirs.ticket.pk
    pages = [
        ("ruth", f"/desk/tickets/{number}"),
        ("priya", f"/requests/{number}"),
        ("ruth", "/desk/"),
        ("priya", "/"),
    ]
    found = _answered(clients, pages)
    if found:
        return found
    while announce_pending(timezone.now()):
        pass
    found += [f"no letter: {one.error}" for one in Setback.objects.all()]
    for ticket in Ticket.objects.filter(pk=number):
        found += list(verify.differences(ticket))
    return found


def _answered(clients: dict[str, Client], pages: list[tuple[str, str]]) -> list[str]:
    answers = [(page, clients[who].get(page).status_code) for who, page in pages]
    return [f"afterwards {page} answers {status}" for page, status in answers if status >= 500]


def _of_contracts(clients: dict[str, Client], theirs: Any) -> list[str]:
    """What was agreed is shown to both sides, and printed."""
    pages = [
        ("ruth", theirs.address(page))
        for page in ("desk/contracts", D, f"{D}/offer", f"{C}", f"{C}/pdf", "desk/customers/<str:code>")
    ]
    return _answered(clients, [*pages, ("priya", "/contracts")])


def _of_figures(clients: dict[str, Client], theirs: Any) -> list[str]:
    """What figures are made of is shown where they are."""
    return _answered(clients, [("ruth", f"/desk/kpis/HARBOURLINE{more}") for more in ("", "/systems")])


def _of_people(clients: dict[str, Client], theirs: Any) -> list[str]:
    """Who was taken in is shown to both sides."""
    return _answered(
        clients, [("priya", "/organisation"), ("ruth", theirs.address("desk/customers/<str:code>"))]
    )


def _of_the_house(clients: dict[str, Client], theirs: Any) -> list[str]:
    """What was done to many, kept, handed over or answered is on its page."""
    pages = ("desk/bulk/<int:number>", "desk/views", "desk/handover", "desk/concerns")
    return _answered(clients, [("ruth", theirs.address(page)) for page in pages])


SHOWN = (
    ("desk/contracts", _of_contracts),
    ("organisation/", _of_people),
    *(
        (part, _of_figures)
        for part in ("/kpis", "cause", "rating", "closure", "severity", "work", "schedule")
    ),
    *((part, _of_the_house) for part in ("desk/bulk", "desk/views", "desk/handover", "desk/concerns")),
)


# ---- addresses


LONG = "is longer than 400 characters"
UNREADABLE = {
    "too long": LONG,
    "far too long": LONG,
    "odd characters": "Bcc: asks for bcc:, which there is not; there are",
}
"""What the queue cannot read as a query: it says so with what would be right, and finds nothing rather than guess."""


@pytest.mark.parametrize("who", ["ruth", "priya"])
def test_odd_things_after_the_question_mark_break_no_page(
    who: str, cast: Cast, things: Any, as_: Callable[..., Client]
) -> None:
    theirs, client = things(cast.priya), as_(who)
    pages = {
        "ruth": ("desk/", "desk/triage", T, "desk/tickets/new", "desk/held", "desk/outbox", "desk/customers",
                 "desk/catalogue/level/critical", "desk/people", "desk/now", "ui/gallery"),
        "priya": ("", "requests", "requests/new", "requests/<int:number>", "sign-in", "sign-in/link"),
    }[who]  # fmt: skip
    names = (
        "q", "after", "before", "view", "list", "undo", "state", "show", "from", "who", "ask", "rule", "severity",
        "a_since", "a_production", "category", "page", "theme", "next", "customer", "nobody_knows", "x[]", "",
    )  # fmt: skip
    wrong = []
    for page in pages:
        for what, odd in ODD.items():
            given = odd[:3000]
            for asked in (dict.fromkeys(names, given), {"q": given, "from": given, "before": given}):
                query = urlencode(asked, errors="surrogatepass")
                answer = client.get(f"{theirs.address(page)}?{query}")
                if page in {"desk/", "desk/triage"} and what in UNREADABLE:
                    refused(answer, UNREADABLE[what])
                elif answer.status_code >= 400:
                    wrong.append(f"{page} with {what}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize(
    "odd", ["abc", "-1", "0", "99999999999999999999", "9" * 400, "1.5", "%00", "%C2%B2", "%ED%A0%80", "1;x", "1/../2"]
)  # fmt: skip
def test_what_is_no_number_of_ours_is_not_found(odd: str, cast: Cast, as_: Callable[..., Client]) -> None:
    numbered = (
        "desk/tickets/{}", "desk/tickets/{}/why", "desk/tickets/{}/why/first_response/1", "desk/attachments/{}",
        "desk/held/{}", "desk/held/{}/source", "desk/outbox/{}", "desk/people/{}", "desk/terms/{}", "files/{}",
    )  # fmt: skip
    acts = ("desk/tickets/{}/replies", "desk/held/{}/spam", "desk/outbox/{}/retry", "desk/tickets/1/facts/{}")
    ruth, priya = as_("ruth"), as_("priya")
    found = {one: ruth.get("/" + one.format(odd)).status_code for one in numbered}
    found |= {one: ruth.post("/" + one.format(odd), {"text": "x"}).status_code for one in acts}
    found |= {one: priya.get("/" + one.format(odd)).status_code for one in ("requests/{}", "files/{}")}
    found |= {
        one: priya.post("/" + one.format(odd)).status_code
        for one in ("requests/{}/replies", "requests/{}/closure")
    }
    assert {one: status for one, status in found.items() if status != 404} == {}


def test_numbers_too_large_within_an_address_are_not_found(
    cast: Cast, things: Any, as_: Callable[..., Client]
) -> None:
    ticket, huge = things(cast.priya).ticket.pk, "9" * 25
    client = as_("ruth")
    assert client.get(f"/desk/tickets/{ticket}/why/resolution/{huge}").status_code == 404
    assert client.post(f"/desk/tickets/{ticket}/participants/{huge}/approval").status_code == 404


@pytest.mark.parametrize("code", ["NOBODY", "%00", "x" * 3000, "%ED%A0%80", "..%2F", "'--", "²"])
def test_a_customer_nobody_knows_is_not_found(code: str, cast: Cast, as_: Callable[..., Client]) -> None:
    address = code if "%" in code else quote(code)
    client = as_("ruth")
    contact = {"name": "Pat", "email": "pat@acme.example"}
    assert client.get(f"/desk/customers/{address}").status_code == 404
    assert client.post(f"/desk/customers/{address}/contacts", contact).status_code == 404
    assert client.post(f"/desk/customers/{address}/domains", {"domain": "acme.example"}).status_code == 404


@pytest.mark.parametrize(
    "address", ["level/nothing", "nothing/critical", "level/" + "x" * 500, "policy/critical", "package/%00"]
)
def test_a_document_nobody_knows_is_not_found(address: str, cast: Cast, as_: Callable[..., Client]) -> None:
    assert as_("ruth").get(f"/desk/catalogue/{address}").status_code == 404
    assert as_("ruth").post(f"/desk/catalogue/{address}", {"name": "x"}).status_code == 404


# ---- one clear error that names the field


def refused(response: Any, *words: str) -> None:
    """Shown again with what is wrong, said once."""
    page = response.content.decode()
    assert response.status_code == 422
    for one in words:
        assert one in page
    assert page.count('role="alert"') <= 1


@pytest.mark.parametrize(
    ("address", "fields", "words"),
    [
        ("desk/tickets/new", {"subject": "", "description": "x", "channel": "phone"}, "Subject: is missing"),
        ("desk/tickets/new", {"subject": "x", "description": "", "channel": "phone"}, "Description: is empty"),
        ("desk/tickets/new", {"subject": "x", "description": "x", "channel": "drum"}, "Channel: is not chosen"),
        ("desk/tickets/new", {"subject": "x", "description": "x", "channel": "phone", "contact": "a@b.example"},
         "Customer: is not chosen, though a contact is given"),
        ("desk/tickets/new", {"subject": "x", "description": "x", "channel": "phone", "customer": "HARBOURLINE",
                              "contact": "edgar@corvid.example"}, "Contact: edgar@corvid.example is not a contact of"),
        (f"{T}/triage", {"severity": "7", "category": "technical", "reason": "x"},
         "Severity: is &#x27;7&#x27;; it may be 1 to 3"),
        (f"{T}/triage", {"severity": "2", "category": "revenge", "reason": "x"}, "Category: is"),
        (f"{T}/triage", {"severity": "2", "category": "technical", "reason": ""}, "Reason: is empty"),
        (f"{T}/severity", {"severity": "7", "reason": "x"}, "Severity: is &#x27;7&#x27;; it may be 1 to 3"),
        (f"{T}/schedule", {"start": PAST["start"]}, "Start: lies in the past"),
        (f"{T}/schedule", {"start": "soon"}, "Start: cannot be read"),
        (f"{T}/schedule", {"start": ""}, "Start: is missing"),
        (f"{T}/progress", {"text": "x", "estimate": PAST["estimate"]}, "Estimate: lies in the past"),
        (f"{T}/question", {"text": "x", "until": PAST["until"]}, "Until: lies in the past"),
        (f"{T}/waiting", {"for": "x", "until": PAST["until"]}, "Until: lies in the past"),
        (f"{T}/waiting", {"for": ""}, "For: is empty"),
        (f"{T}/replies", {"text": " "}, "Message: is empty"),
        (f"{T}/replies", {"text": "x" * 200_001}, "Message: is longer than 200,000 characters"),
        (f"{T}/assignment", {"engineer": "999999"}, "Engineer: is nobody of the desk"),
        (f"{T}/assignment", {"engineer": "Mara"}, "Engineer: must be a person of the desk"),
        (f"{T}/customer", {"customer": "HARBOURLINE", "contact": "x@y.example", "reason": "x"},
         "Contact: x@y.example is not a contact of Harbourline Health"),
        (f"{T}/customer", {"customer": "NOBODY", "reason": "x"},
         "Customer: &#x27;NOBODY&#x27; is no customer&#x27;s code"),
        (f"{T}/links", {"other": "many", "kind": "related"}, "Other: must be the number of the other ticket"),
        (f"{T}/closure", {"reason": "bored", "text": "x"}, "Reason: is &#x27;bored&#x27;"),
        (f"{T}/defects", {"reference": "D", "url": "javascript:alert(1)"}, "Url: is no web address"),
        (f"{T}/root-cause", {"category": "weather", "text": "x"}, "Category: is &#x27;weather&#x27;"),
        (f"{T}/scope", {"rule": "because", "reason": "x", "text": "x"}, "Rule: is &#x27;because&#x27;"),
        ("desk/customers", {"name": "", "code": "ACME"}, "Name: must be the organisation"),
        ("desk/customers", {"name": "Acme", "code": "A/C"}, "Code: must be 2 to 40 letters"),
        ("desk/customers", {"name": "Acme", "code": "ACME", "time_zone": "Mars/Base"},
         "Time zone: &#x27;Mars/Base&#x27;"),
        ("desk/customers", {"name": "Acme", "code": "ACME", "country": "ZZ"}, "Country: &#x27;ZZ&#x27;"),
        ("desk/customers", {"name": "Acme", "code": "HARBOURLINE"}, "Code: HARBOURLINE is taken"),
        ("desk/customers/<str:code>/contacts", {"name": "", "email": "a@b.example"}, "Name: must be a name"),
        ("desk/customers/<str:code>/contacts", {"name": "Pat", "email": "nobody"}, "Email: must be one mail address"),
        ("desk/customers/<str:code>/contacts", {"name": "Pat", "email": "priya@harbourline.example"},
         "is a contact of Harbourline Health already"),
        ("desk/customers/<str:code>/contacts", {"name": "Pat", "email": "p@q.example", "sees": "secrets"}, "Sees: is"),
        ("desk/customers/<str:code>/domains", {"domain": "not a domain"}, "Domain: must be a domain"),
        ("desk/customers/<str:code>/notes", {"note": " "}, "Note: must say something"),
        ("desk/customers/<str:code>/keeping", {"note": "7", "act": "pin"}, "Note: is not one about Harbourline Health"),
        ("desk/people", {"name": "Nia", "email": "nia@vendor.example"}, "Roles: are missing"),
        ("desk/people", {"name": "Nia", "email": "mara@vendor.example", "roles": "sales"},
         "is Mara Lindqvist of the desk"),
    ],
)  # fmt: skip
def test_the_desk_says_once_what_is_wrong_with_which_field(
    address: str, fields: dict[str, str], words: str, cast: Cast, things: Any, as_: Callable[..., Client]
) -> None:
    refused(sends(as_("ruth"), things(cast.priya).address(address), fields), words)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"subject": ""}, "is missing; say in one line"),
        ({"description": ""}, "is empty"),
        ({"category": ""}, "is missing; say what it is about"),
        ({"guide_production": "perhaps"}, "must be one of yes, no"),
        ({"environment": "Moon"}, "is not one of Harbourline Health"),
        ({"customer": "CORVID"}, "is not one of yours"),
    ],
)
def test_the_portal_says_once_what_is_wrong_with_which_field(
    fields: dict[str, str], words: str, cast: Cast, as_: Callable[..., Client]
) -> None:
    right = {
        "category": "technical",
        "subject": "Badges",
        "description": "They fail.",
        "steps": "kept as typed",
    }
    response = sends(as_("priya"), "/requests/new", right | fields)
    refused(response, next(iter(fields)).removeprefix("guide_").capitalize(), words, "kept as typed")
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("address", "change", "words"),
    [
        ("policy/desk", {"document": "{"}, "document: is not JSON"),
        ("policy/desk", {"document": "[" * 5000}, "document: is not JSON"),
        ("policy/desk", {"document": '{"name": NaN}'},
         "document: is not JSON: NaN is not a number; write one, or null"),
        ("policy/desk", {"document": '{"queue_ceiling_days": -Infinity}'},
         "document: is not JSON: -Infinity is not a number; write one, or null"),
        ("policy/desk", {"document": '{"queue_ceiling_days": 1e999}'},
         "document: is not JSON: 1e999 is too large a number"),
        ("level/critical", {"targets_target": "soon"}, "Targets 1, target"),
        ("level/critical", {"targets_severity": "9"}, "Targets 1, severity"),
        ("level/critical", {"targets_clock": "sundial"}, "Targets 1, clock"),
        ("level/critical", {"targets_calendar": "lunar"}, "Targets 1, calendar"),
        ("level/critical", {"targets_when": "night"}, "Targets 1, for: cannot read"),
        ("level/critical", {"targets_share": "all"}, "Targets 1, share: must be a whole number"),
        ("level/critical", {"kpis_figure": "much"}, "Kpis 1, percent: must be a text such as"),
        ("level/critical", {"kpis_credits": "plenty"}, "KPI 1, credits: cannot read"),
        ("level/critical", {"escalations_after": "soon"}, "Escalations 1, after"),
        ("level/critical", {"closing_rules_closes": "perhaps"}, "closes by itself: must be yes, no"),
        ("level/critical", {"closing_reopen_window": "1bd, 2bd"}, "A reply reopens within: must be one time"),
        ("level/critical", {"pauses_triage": "asleep"}, "Pauses, triage 1: must be one of"),
        ("level/critical", {"head_start_minutes_1": "long"}, "Head start minutes, 1: must be a whole number"),
        ("level/critical", {"monitoring_interval_seconds": ""}, "Monitoring, interval seconds"),
        ("level/critical", {"rank": "first"}, "Rank: must be a whole number"),
        ("level/critical", {"rank": "0"}, "Rank: must be a whole number from 1"),
        ("level/critical", {"name": ""}, "Name: must be"),
        ("level/critical", {"summary": ""}, "Summary: is missing"),
        ("package/critical", {"level": "999999"}, "Level: must be one of"),
        ("package/critical", {"channels": "smoke"}, "Channels 1: must be one of"),
        ("package/critical", {"contacts_included": "many"}, "Contacts, included: must be a whole number"),
        ("package/critical", {"price_currency": "euro"}, "Price, currency: must be three letters"),
        ("package/critical", {"addons": "gold"}, "Addons 1"),
        ("policy/desk", {"document": "without hours"}, "hours"),
        ("policy/desk", {"document": "7"}, ": "),
    ],
)  # fmt: skip
def test_the_editor_of_the_catalogue_says_what_is_wrong_and_publishes_nothing(
    address: str, change: dict[str, str], words: str, cast: Cast, as_: Callable[..., Client]
) -> None:
    right = next(whole(fields, pattern) for pattern, fields, _ in CATALOGUE if pattern.endswith(address))
    if change.get("document") == "without hours":
        document = json.loads(right["document"])
        assert document.pop("hours", None) is not None, sorted(document)
        change = {"document": json.dumps(document)}
    before = [
        len(publish.history(model, code))
        for model, code in ((ServiceLevel, "critical"), (Package, "critical"))
    ]
    refused(sends(as_("ruth"), f"/desk/catalogue/{address}", right | change), words)
    after = [
        len(publish.history(model, code))
        for model, code in ((ServiceLevel, "critical"), (Package, "critical"))
    ]
    assert before == after


def test_a_right_document_is_published(cast: Cast, as_: Callable[..., Client]) -> None:
    for pattern, fields, _ in [one for one in CATALOGUE if "document" in one[1]]:
        assert sends(as_("ruth"), f"/{pattern}", whole(fields, pattern)).status_code == 303


# ---- files


def test_a_file_that_is_too_large_is_refused_by_name(
    cast: Cast, things: Any, as_: Callable[..., Client], settings: Any
) -> None:
    settings.UPLOAD_LIMIT = 1024**2
    ticket = things(cast.priya).ticket
    big = SimpleUploadedFile("trace.log", b"x" * (1024**2 + 1))
    response = as_("priya").post(f"/requests/{ticket.pk}/replies", {"text": "kept as typed", "files": big})
    refused(response, "“trace.log” is larger than 1 MB", "kept as typed")


def test_what_a_mail_could_not_bring_the_portal_takes(
    cast: Cast, things: Any, as_: Callable[..., Client]
) -> None:
    ticket, client = things(cast.priya).ticket, as_("priya")
    big = SimpleUploadedFile("trace.log", b"x" * (LIMIT + 1))
    assert client.post(f"/requests/{ticket.pk}/replies", {"text": "See it.", "files": big}).status_code == 302
    kept = ticket.messages.latest("pk").attachments.get()
    assert (kept.name, kept.size) == ("trace.log", LIMIT + 1)
    assert client.get(f"/files/{kept.pk}").status_code == 200


def test_the_desk_refuses_large_and_many_files_too(
    cast: Cast, things: Any, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = things(cast.priya).ticket
    for name, act, says in (
        ("ruth", f"/desk/tickets/{ticket.pk}/replies", "are 21; at most 20 go with one message"),
        ("priya", f"/requests/{ticket.pk}/replies", "are too many; at most 20 go with one message"),
    ):
        many = [SimpleUploadedFile(f"{n}.log", b"x") for n in range(21)]
        refused(as_(name).post(act, {"text": "kept as typed", "files": many}), says, "kept as typed")
    monkeypatch.setattr(typed, "LIMIT", 1024**2)
    big = SimpleUploadedFile("trace.log", b"x" * (1024**2 + 1))
    response = as_("ruth").post(f"/desk/tickets/{ticket.pk}/replies", {"text": "kept as typed", "files": big})
    refused(response, "trace.log is larger than 1 MB; send it in parts or as a link", "kept as typed")


@pytest.mark.parametrize(
    "name", ["../../x", "a\x00b", "\ud83d", "x" * 5000, ".", "\r\nBcc: y", "\u202egpj.exe", ""]
)
def test_odd_names_of_files_are_taken_as_names_only(
    name: str, cast: Cast, things: Any, as_: Callable[..., Client]
) -> None:
    theirs = things(cast.priya)
    head = f'Content-Disposition: form-data; name="files"; filename="{name}"\r\n'
    body = (
        b'--B\r\nContent-Disposition: form-data; name="text"\r\n\r\nSee the file.\r\n--B\r\n'
        + head.encode("utf-8", "surrogatepass")
        + b"Content-Type: text/plain\r\n\r\nx\r\n--B--\r\n"
    )
    for who, act in (("priya", "requests/<int:number>/replies"), ("ruth", f"{T}/replies")):
        response = as_(who).post(theirs.address(act), body, content_type="multipart/form-data; boundary=B")
        assert response.status_code < 500
    assert as_("ruth").get(theirs.address(T)).status_code == 200
    for one in theirs.ticket.messages.latest("pk").attachments.all():
        assert as_("priya").get(f"/files/{one.pk}").status_code == 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data"),
        (b"--B\r\n", "multipart/form-data; boundary=B"),
        (b"\xff\xfe\x00", "multipart/form-data; boundary=B"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"%", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"&".join(b"a=1" for _ in range(600)), "application/x-www-form-urlencoded"),
        (b"text=" + b"x" * (13 * 1024 * 1024), "application/x-www-form-urlencoded"),
    ],
)
def test_bodies_that_are_no_form_break_nothing(
    body: bytes, kind: str, cast: Cast, things: Any, as_: Callable[..., Client]
) -> None:
    theirs = things(cast.priya)
    for who, address in (
        ("ruth", f"{T}/replies"), ("ruth", "desk/tickets/new"), ("ruth", "desk/catalogue/level/critical"),
        ("priya", "requests/new"), ("priya", "requests/<int:number>/replies"),
        ("nobody", "sign-in"), ("nobody", "ui/theme"),
    ):  # fmt: skip
        response = as_(who).generic("POST", theirs.address(address), body, content_type=kind)
        assert response.status_code < 500


# ---- links of mails


@pytest.mark.parametrize("token", ["x", "%00", "%ED%A0%80", "x" * 3000, "e30:e30", ".", "a:b:c"])
def test_a_link_that_is_not_ours_says_so(token: str, cast: Cast, client: Client) -> None:
    for response in (client.get(f"/r/{token}"), client.post(f"/r/{token}", {"text": "x"})):
        assert response.status_code == 410
        assert "is not one of ours" in response.content.decode()


@pytest.mark.parametrize("action", ["accept", "refuse", "close", "escalate", "appeal", "pay", "decline"])
def test_what_is_sent_with_a_link_breaks_nothing(
    action: Any, cast: Cast, things: Any, as_: Callable[..., Client], client: Client
) -> None:
    ticket = things(cast.priya).ticket
    who = {"user_id": cast.owen.pk} if action == "escalate" else {"contact_id": cast.priya.pk}
    address = "/r/" + links.make(action, ticket, **who).rpartition("/")[2]  # type: ignore[arg-type]
    for odd in ODD.values():
        with transaction.atomic():
            if action in {"accept", "refuse"}:
                assert (
                    sends(as_("ruth"), f"/desk/tickets/{ticket.pk}/solution", {"text": "So."}).status_code
                    == 303
                )
            for earlier, fields in (OUTSIDE, OFFER) if action in {"appeal", "pay", "decline"} else ():
                there = earlier.replace("<int:number>", str(ticket.pk))
                assert sends(as_("ruth"), f"/{there}", fields).status_code == 303
            assert sends(client, address, {"text": odd}).status_code in {200, 422}
            transaction.set_rollback(True)


def test_every_address_that_takes_a_form_is_tried(
    as_: Callable[..., Client], cast: Cast, things: Any
) -> None:
    """An address that answers 404 to those who may do everything was not met: its row in `Things` is missing."""
    theirs, takes, unmet = things(cast.priya), set(), set()
    for pattern in addresses():
        with transaction.atomic():
            answers = {as_(name).post(theirs.address(pattern)).status_code for name in ("ruth", "priya")}
            if answers == {404}:  # somebody whom they have added may
                sends(as_("priya"), theirs.address(ADDED[0]), whole(ADDED[1], ADDED[0]))
                answers.add(as_("tom").post(theirs.address(pattern)).status_code)
            if answers - {404, 405}:
                takes.add(pattern)
            elif answers == {404}:
                unmet.add(pattern)
            transaction.set_rollback(True)
    tried = {
        resolve(theirs.address(pattern)).route for _, forms in GROUPS.values() for pattern, _, _ in forms
    }
    assert unmet == set()
    assert takes == tried
