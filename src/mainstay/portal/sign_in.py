"""Signing in, for everybody: by a link in a mail or by password; and signing out."""

from django import forms
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from mainstay.accounts import sign_in
from mainstay.accounts.models import User
from mainstay.customers.models import Contact
from mainstay.errors import Refused
from mainstay.notices import sign_in as sign_in_mail
from mainstay.tickets.scope import seeing

BACKEND = settings.AUTHENTICATION_BACKENDS[0]


class Password(forms.Form):
    email = forms.CharField(
        max_length=320, label=_l("Email"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        max_length=200,
        label=_l("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class Address(forms.Form):
    email = forms.EmailField(
        max_length=320, label=_l("Email"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )


def with_password(request: HttpRequest) -> HttpResponse:
    """The sign-in page. Wrong tries say the same for everyone and are counted."""
    form = Password(request.POST or None)
    if request.method == "POST" and form.is_valid():
        tried = sign_in.try_password(
            form.cleaned_data["email"], form.cleaned_data["password"], timezone.now()
        )
        if tried.user is not None:
            return _enter(request, tried.user, request.POST.get("next", ""))
        form.add_error(None, tried.message)
    return render(
        request,
        "portal/sign_in.html",
        {
            "form": form,
            "next": request.GET.get("next", request.POST.get("next", "")),
            "link_url": reverse("sign_in_link"),
        },
        status=422 if form.errors else 200,
    )


def by_link(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail; whoever asks sees the same answer."""
    form = Address(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = _user_of(form.cleaned_data["email"])
        if user is not None:
            _send_link(request, user)
        return render(request, "portal/link_sent.html", {"email": form.cleaned_data["email"]})
    return render(
        request,
        "portal/sign_in.html",
        {
            "form": form,
            "button": _("Send me a sign-in link"),
            "lead": _("We send a link to your address. It works once, for an hour."),
        },
        status=422 if form.errors else 200,
    )


def use_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link has one button; only the button signs in (mail scanners follow links)."""
    if request.method == "POST":
        try:
            return _enter(request, sign_in.use_link(token, timezone.now()), "")
        except Refused as refused:
            messages.error(request, _("This link %(what)s.") % {"what": refused.message})
            return redirect("sign_in_link")
    confirm = {
        "title": _("Sign in"),
        "text": _("You asked for a link."),
        "url": request.path,
        "button": _("Sign in now"),
    }
    return render(request, "ui/confirm.html", {"confirm": confirm})


@login_required
def password(request: HttpRequest) -> HttpResponse:
    """Choose a password of one's own: with the present one, or without where only links were used so far.

    Everybody else who is signed in as this person is signed out by it (ATTACKS 60).
    """
    user = request.user
    assert isinstance(user, User)
    kind = PasswordChangeForm if user.has_usable_password() else SetPasswordForm
    form = kind(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        auth.update_session_auth_hash(request, form.save())
        messages.success(
            request, _("Your password is changed. Wherever else you were signed in, you no longer are.")
        )
        return redirect("home")
    return render(
        request,
        "portal/sign_in.html",
        {"form": form, "title": _("Choose a password"), "button": _("Change password"), "home_url": "/"},
        status=422 if form.errors else 200,
    )


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return redirect("sign_in")


def _enter(request: HttpRequest, user: User, wanted: str) -> HttpResponse:
    auth.login(request, user, backend=BACKEND)
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return redirect(wanted if own and wanted.startswith("/") else "home")


def _user_of(email: str) -> User | None:
    """Who signs in with this address: a user, or a contact who becomes one by asking for the first time."""
    user = sign_in.find_user(email)
    if user is not None:
        return user if user.is_active else None
    contacts = list(
        Contact.objects.filter(email__iexact=email.strip(), user__isnull=True, ended_at=None)
        .select_related("customer")
        .order_by("pk")
    )
    if not contacts:
        return None
    of = contacts[0].customer
    user = User.objects.create_user(
        email, contacts[0].name, language=of.language, time_zone=of.time_zone
    )  # fmt: skip
    Contact.objects.filter(pk__in=[contact.pk for contact in contacts]).update(user=user)
    return user


def _send_link(request: HttpRequest, user: User) -> None:
    token = sign_in.make_link(user, timezone.now())
    url = settings.BASE_URL + reverse("sign_in_token", args=[token])
    with seeing(None):
        sign_in_mail.send_link(user, url, at=timezone.now())
