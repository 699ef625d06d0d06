"""What articles save, by article and month, with what cannot be known (I3)."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mainstay.desk import frame
from mainstay.desk.typed import zone_of
from mainstay.errors import Refused
from mainstay.knowledge import lists
from mainstay.knowledge.models import Article
from mainstay.reports import deflection
from mainstay.reports.kpis import periods
from mainstay.ui.doors import StaffRequest, staff_page

MONTHS = 12


@require_safe
@staff_page()
def figures(request: StaffRequest) -> HttpResponse:
    """A month's figures; the last twelve can be chosen."""
    now, zone = timezone.now(), zone_of(request.user)
    months = [periods.containing(now.astimezone(zone).date(), "month")]
    while len(months) < MONTHS:
        months.append(periods.before(months[-1]))
    period = _chosen(request.GET.get("period", ""), months)
    since, until = periods.midnight(period.first, zone), periods.midnight(period.end, zone)
    rows = deflection.by_article(since, until)
    titles = _titles([row.article for row in rows], now)
    context = {
        "page_title": _("What articles save"),
        "period": period,
        "months": [(one.key, f"{one.first:%B %Y}") for one in months],
        "rows": [(row, titles.get(row.article, "")) for row in rows],
        "forms": deflection.forms(since, until),
        "now": now,
    }
    return frame.page(request, "desk/article_figures.html", context, here="articles")


def _chosen(key: str, months: list[periods.Period]) -> periods.Period:
    try:
        return periods.named(key, "month") if key else months[0]
    except Refused:
        return months[0]


def _titles(numbers: list[int], now: datetime) -> dict[int, str]:
    found = Article.objects.filter(pk__in=numbers).select_related("owner")
    return {row.article.pk: row.title for row in lists.listed(found, now.date(), None)}
