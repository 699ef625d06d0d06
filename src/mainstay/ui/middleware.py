"""What every answer carries, and what a refusal looks like."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from mainstay.errors import Refused
from mainstay.ui import languages

Answer = Callable[[HttpRequest], HttpResponse]

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def headers(get_response: Answer) -> Answer:
    """Nothing inline runs, nothing is loaded from elsewhere, nothing private is kept by caches."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return answer


def language(get_response: Answer) -> Answer:
    """Each answer in the language of whoever asked."""

    def answer(request: HttpRequest) -> HttpResponse:
        wanted = languages.of(request)
        with translation.override(wanted):
            request.LANGUAGE_CODE = wanted
            response = get_response(request)
        response.headers.setdefault("Content-Language", wanted)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    return answer


class refusals:  # noqa: N801 - named as the setting reads
    """A `Refused` that a page did not show beside its field: said at the top of the page it came from."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        back = request.headers.get("Referer", "")
        own = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
        if request.method == "POST" and own and "text/html" in request.headers.get("Accept", "text/html"):
            messages.error(request, f"{exception.field.replace('_', ' ').capitalize()}: {exception.message}")
            return HttpResponseRedirect(back)
        return render(
            request, "ui/400.html", {"field": exception.field, "message": exception.message}, status=400
        )
