"""Addresses of the desk."""

from django.urls import URLPattern, path

from mainstay.desk import acts, catalogue, customers, held, home, outbox, people, queue, ticket, why

app_name = "desk"

urlpatterns: list[URLPattern] = [
    path("", queue.queue, name="queue"),
    path("triage", queue.queue, {"view": "triage"}, name="triage"),
    path("now", home.now, name="now"),
    path("now/seen", home.seen, name="seen"),
    path("more", home.more, name="more"),
    path("tickets/new", home.new, name="new"),
    path("tickets/<int:number>", ticket.ticket, name="ticket"),
    path("tickets/<int:number>/suggestion", acts.suggestion, name="suggestion"),
    path("tickets/<int:number>/facts/<slug:name>", acts.fact, name="fact"),
    path("tickets/<int:number>/participants/<int:participant>/approval", acts.approval, name="approval"),
    *(
        path(f"tickets/<int:number>/{last}", acts.act(name, do), name=f"act_{name}")
        for name, last, do in acts.ACTS
    ),
    path("tickets/<int:number>/why", why.first, name="why_first"),
    path("tickets/<int:number>/why/<slug:clock>/<int:n>", why.why, name="why"),
    path("attachments/<int:number>", ticket.attachment, name="attachment"),
    path("terms/<slug:digest>", catalogue.terms_page, name="terms"),
    path("held", held.held, name="held"),
    path("held/<int:number>", held.mail, name="mail"),
    path("held/<int:number>/source", held.source, name="source"),
    path("held/<int:number>/<slug:decision>", held.decide, name="decide"),
    path("outbox", outbox.outbox, name="outbox"),
    path("outbox/<int:number>", outbox.delivery, name="delivery"),
    path("outbox/<int:number>/retry", outbox.retry, name="retry"),
    path("customers", customers.customers, name="customers"),
    path("customers/<str:code>", customers.customer, name="customer"),
    path("customers/<str:code>/contacts", customers.contacts, name="contacts"),
    path("customers/<str:code>/domains", customers.domains, name="domains"),
    path("catalogue", catalogue.catalogue, name="catalogue"),
    path("catalogue/<slug:kind>/<slug:code>", catalogue.document, name="document"),
    path("people", people.people, name="people"),
    path("people/<int:number>", people.person, name="person"),
]
