"""Addresses of the desk."""

from django.urls import URLPattern, path

from mainstay.desk import (
    acts,
    allowance_acts,
    allowances,
    catalogue,
    customer_acts,
    customers,
    held,
    home,
    log,
    outbox,
    people,
    prices,
    products,
    queue,
    teams,
    ticket,
    why,
)

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
        for name, last, do in (*acts.ACTS, *allowance_acts.TICKET_ACTS)
    ),
    path("tickets/<int:number>/work/<int:entry>", allowance_acts.correction, name="work_correction"),
    path("not-entitled", allowance_acts.waiting, name="not_entitled"),
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
    path("customers/<str:code>/profile", customer_acts.profile, name="profile"),
    path("customers/<str:code>/contracts", customer_acts.contracts, name="contracts"),
    path("customers/<str:code>/contracts/<int:contract>/end", customer_acts.end, name="end_contract"),
    path("customers/<str:code>/subscriptions", customer_acts.subscriptions, name="subscriptions"),
    path("customers/<str:code>/contacts", customer_acts.contacts, name="contacts"),
    path("customers/<str:code>/contacts/<int:contact>", customer_acts.contact, name="contact"),
    path(
        "customers/<str:code>/contacts/<int:contact>/removal",
        customer_acts.contact_removal,
        name="contact_removal",
    ),
    path("customers/<str:code>/allowances", allowances.allowances, name="allowances"),
    path("customers/<str:code>/allowances.csv", allowances.as_file, name="allowances_file"),
    path("customers/<str:code>/named", allowances.name, name="named"),
    path("customers/<str:code>/named/<int:named>/removal", allowances.take_off, name="named_removal"),
    path("customers/<str:code>/domains", customer_acts.domains, name="domains"),
    path("customers/<str:code>/environments", customer_acts.environments, name="environments"),
    path(
        "customers/<str:code>/environments/<int:environment>", customer_acts.environment, name="environment"
    ),
    path("catalogue", catalogue.catalogue, name="catalogue"),
    path("catalogue/<slug:kind>/<slug:code>", catalogue.document, name="document"),
    path("prices", prices.prices, name="prices"),
    path("prices.csv", prices.as_file, name="prices_file"),
    path("people", people.people, name="people"),
    path("people/<int:number>", people.person, name="person"),
    path("people/<int:number>/duty", people.duty, name="duty"),
    path("people/<int:number>/absences", people.absences, name="absences"),
    path(
        "people/<int:number>/absences/<int:absence>/removal", people.absence_removal, name="absence_removal"
    ),
    path("people/<int:number>/link", people.link, name="link"),
    path("products", products.products, name="products"),
    path("products/<slug:product>/releases", products.releases, name="releases"),
    path("teams", teams.teams, name="teams"),
    path("teams/<slug:team>", teams.team, name="team"),
    path("log", log.log, name="log"),
]
