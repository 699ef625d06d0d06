"""The names of fields as people say them: what a refusal begins with."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

FIELDS = {
    "answer": gettext_noop("Answer"),
    "attachment": gettext_noop("File"),
    "business_impact": gettext_noop("Business impact"),
    "category": gettext_noop("Category"),
    "contact_phone": gettext_noop("Phone"),
    "credit": gettext_noop("Credit"),
    "customer": gettext_noop("Customer"),
    "description": gettext_noop("Description"),
    "email": gettext_noop("Email"),
    "environment": gettext_noop("Environment"),
    "files": gettext_noop("Files"),
    "link": gettext_noop("Link"),
    "message": gettext_noop("Message"),
    "name": gettext_noop("Name"),
    "offer": gettext_noop("Offer"),
    "organisation": gettext_noop("Organisation"),
    "production": gettext_noop("Production"),
    "available": gettext_noop("Available"),
    "process_stopped": gettext_noop("Process stopped"),
    "affected": gettext_noop("Affected"),
    "workaround": gettext_noop("Workaround"),
    "reason": gettext_noop("Reason"),
    "request": gettext_noop("Request"),
    "score": gettext_noop("Score"),
    "severity": gettext_noop("Severity"),
    "since": gettext_noop("Since"),
    "subject": gettext_noop("Subject"),
    "ticket": gettext_noop("Ticket"),
    "concern": gettext_noop("Concern"),
    "contact": gettext_noop("Person"),
    "decision": gettext_noop("Decision"),
    "draft": gettext_noop("Draft"),
    "participant": gettext_noop("Person"),
    "phone": gettext_noop("Phone"),
    "sees": gettext_noop("Sees"),
    "team": gettext_noop("Role or team"),
    "words": gettext_noop("Words"),
}


def field_words(name: str) -> str:
    """ "Business impact" for business_impact; a name that nobody translated is said as it is."""
    return _(FIELDS[name]) if name in FIELDS else name.replace("_", " ").capitalize()
