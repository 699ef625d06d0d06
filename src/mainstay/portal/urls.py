"""Addresses of the portal, and the few that need no one to be signed in."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path


def healthz(request: HttpRequest) -> HttpResponse:
    """Answers when this process can serve; asks nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns: list[URLPattern] = [path("healthz", healthz, name="healthz")]
