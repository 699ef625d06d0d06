"""Addresses of the portal, and the few that need no one to be signed in."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from mainstay.portal import (
    advisor,
    allowances,
    articles,
    attachments,
    contracts,
    home,
    kpis,
    links,
    new_request,
    organisation,
    prices,
    request,
    resumable,
    running,
    sign_in,
)


@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> HttpResponse:
    """Answers when this process can serve; asks nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns: list[URLPattern] = [
    path("healthz", healthz, name="healthz"),
    path("", home.start, name="home"),
    path("sign-in", sign_in.with_password, name="sign_in"),
    path("sign-in/link", sign_in.by_link, name="sign_in_link"),
    path("sign-in/link/<str:token>", sign_in.use_link, name="sign_in_token"),
    path("password", sign_in.password, name="password"),
    path("sign-out", sign_in.leave, name="sign_out"),
    path("organisation", organisation.organisation, name="organisation"),
    path("organisation/complaints", organisation.complain, name="complain"),
    path("organisation/people", organisation.invite, name="invite"),
    path("organisation/people/<int:number>", organisation.change, name="person"),
    path("organisation/people/<int:number>/removal", organisation.remove, name="person_removal"),
    path("organisation/people/<int:number>/restoration", organisation.restore, name="person_restoration"),
    path("prices", prices.prices, name="prices"),
    path("allowances", allowances.allowances, name="allowances"),
    path("contracts", contracts.contracts, name="portal_contracts"),
    path("contracts/<int:contract>/pdf", contracts.pdf, name="portal_contract_pdf"),
    path("contracts/papers/<int:paper>", contracts.paper, name="portal_paper"),
    path("kpis", kpis.kpis, name="portal_kpis"),
    path("kpis/credits/<int:credit>/claim", kpis.claim, name="claim"),
    path("articles", articles.index, name="portal_articles"),
    path("articles/<int:number>", articles.article, name="article"),
    path("articles/<int:number>/pictures/<int:picture>", articles.picture, name="article_picture"),
    path("articles/<int:number>/opening", articles.opening, name="article_opening"),
    path("articles/<int:number>/answer", articles.answer, name="article_answer"),
    path("requests", home.requests, name="requests"),
    path("requests/new", new_request.new, name="new_request"),
    path("requests/new/suggestions", articles.suggestions, name="suggestions"),
    path("requests/<int:number>", request.show, name="request"),
    path("requests/<int:number>/replies", request.reply, name="reply"),
    path("requests/<int:number>/acceptance", request.accept, name="accept"),
    path("requests/<int:number>/refusal", request.refuse, name="refuse"),
    path("requests/<int:number>/participants/<int:participant>/approval", request.approval, name="let_in"),
    path("requests/<int:number>/appeal", request.appeal, name="appeal"),
    path("requests/<int:number>/offer", request.offer, name="offer"),
    path("requests/<int:number>/concerns", request.concern, name="concern"),
    path(
        "requests/<int:number>/appointments/<int:appointment>/wish", request.another_time, name="another_time"
    ),
    path("requests/<int:number>/participants", request.participants, name="participants"),
    path("requests/<int:number>/participants/leaving", request.leave, name="leave_request"),
    path("requests/<int:number>/closure", request.close, name="close_request"),
    path("requests/<int:number>/reopening", request.reopen, name="reopen_request"),
    path("requests/<int:number>/rating", request.rate, name="rate"),
    path("running", running.running, name="running"),
    path("publications/<int:number>", running.publication, name="publication"),
    path("publications/<int:number>/reading", running.reading, name="reading"),
    path("n/<str:token>", running.follow, name="notice"),
    path("u/<str:token>", running.stop, name="unsubscribe"),
    path("uploads", resumable.begin, name="uploads"),
    path("uploads/<uuid:upload>", resumable.piece, name="upload"),
    path("uploads/<uuid:upload>/decision", resumable.decision, name="upload_decision"),
    path("drafts/<slug:form>", resumable.draft, name="draft"),
    path("drafts/<slug:form>/files", resumable.listed, name="upload_list"),
    path("files/<int:number>", attachments.download, name="file"),
    path("r/<str:token>", links.follow, name="link"),
    path("advisor", advisor.questions, name="advisor"),
    path("advisor/<str:token>", advisor.result, name="advisor_result"),
    path("advisor/<str:token>/lead", advisor.lead, name="advisor_lead"),
]
