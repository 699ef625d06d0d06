"""Sample data for the gallery: one afternoon of a support desk, drawn with every component."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mainstay.ui.shapes import (
    Answer,
    Chapter,
    Entry,
    Fact,
    FactGroup,
    File,
    Level,
    NavGroup,
    NavItem,
    Need,
    Opening,
    Owed,
    Pause,
    Promise,
    QueueBand,
    QueueRow,
    State,
    Step,
    WhyChart,
    WhyLine,
    WhyPiece,
    WhySection,
    Writing,
)

SYDNEY, TOKYO, UTC = ZoneInfo("Australia/Sydney"), ZoneInfo("Asia/Tokyo"), ZoneInfo("UTC")
NOW = datetime(2026, 11, 23, 14, 6, 22, tzinfo=SYDNEY).astimezone(UTC)
HOUR = 3600

BC, HP = Level(code="BC", name="Business Critical", rank=4), Level(code="HP", name="High Priority", rank=3)
SB, IN = Level(code="SB", name="Standard Business", rank=2), Level(code="IN", name="Included", rank=1)
LEVELS = {"BC": BC, "HP": HP, "SB": SB, "IN": IN}
CLOCKS = {
    "first_response": "First response",
    "progress_update": "Progress report",
    "workaround": "Workaround",
    "resolution": "Resolution",
}


def at(clock: str, day: int = 23, zone: ZoneInfo = SYDNEY) -> datetime:
    """An instant of November 2026 in a zone, as UTC: `at("14:18")`."""
    hour, minute, second = (*map(int, clock.split(":")), 0)[:3]
    return datetime(2026, 11, day, hour, minute, second, tzinfo=zone).astimezone(UTC)


def promise(k: State, clock: str, minutes: float, **facts: Any) -> Promise:
    """A promise due so many minutes from now (before now: negative), or with so many left while paused."""
    seconds = round(minutes * 60)
    paused, target = k in ("wait", "third"), facts.pop("target", 4 * HOUR)
    due = None if paused or k == "met" else NOW + timedelta(seconds=seconds)
    stopped = NOW - timedelta(seconds=seconds) if k == "met" else None
    given = {
        "started_at": NOW - timedelta(hours=3),
        "target": target,
        "target_words": "4 h",
        "used": max(0, target - seconds),
    }
    kind = "goal" if k == "goal" else "promise"
    said: dict[str, Any] = {**given, "due": due, "stopped_at": stopped, "kind": kind, **facts}
    return Promise(clock=clock, name=CLOCKS[clock], k=k, breached=k == "over", **said)


def nav(current: str = "Queue") -> list[NavGroup]:
    """The desk's rail."""
    first = (
        ("Now", "", "g h"),
        ("Queue", 25, "g q"),
        ("Triage", 6, "g t"),
        ("Reports due", 4, ""),
        ("Handover", "16:00", ""),
    )
    customers = ("My portfolio", "All customers", "Contracts", "Service reviews")
    organisation = ("Rota", "Knowledge", "Policy", "Can we promise this?")
    return [
        NavGroup(
            items=tuple(
                NavItem(label=a, url="#", count=b, hot=a == "Reports due", current=a == current, key=c)
                for a, b, c in first
            )
        ),
        NavGroup(title="Customers", items=tuple(NavItem(label=a, url="#") for a in customers)),
        NavGroup(title="Organisation", items=tuple(NavItem(label=a, url="#") for a in organisation)),
    ]


def desk(current: str = "Queue") -> dict[str, Any]:
    """What every desk page has."""
    me = {"name": "Mara Lindqvist", "note": "on duty until 16:00"}
    return {"nav": nav(current), "me": me, "now": NOW, "zone": SYDNEY, "sign_out_url": "#", "home_url": "#"}


Line = tuple[str, State, str, float, int, str, str, str, str, str, int, str, int]

P1: tuple[Line, ...] = (
    ("48206", "over", "first_response", -22, 2, "BC",
     "SCIM provisioning stops after 4,096 users; 212 new starters have no account", "Aurelia Bank",
     "1 h, 24x7; passed 13:44, head start 30 min", "", 2, "", 30),
    ("48213", "warn", "progress_update", 12, 1, "BC",
     "Badge sign-in refused at three hospitals since 10:47, certificate chain error", "Harbourline Health",
     "every 1 h, 24x7, head start 60 min", "Mara Lindqvist", 4, "", 60),
    ("48219", "warn", "first_response", 8, 1, "HP",
     "Control-room operators are logged out every 90 seconds", "Corvid Energy",
     "1 h in business hours, head start 30 min", "", 2, "", 30),
    ("48209", "warn", "workaround", 41, 1, "BC",
     "LDAP bind latency 8 s on the pathology cluster", "Meridian Pathology",
     "4 h, 24x7, head start 60 min", "Mara Lindqvist", 4, "", 60),
    ("48188", "over", "progress_update", -4, 2, "HP",
     "Conditional access policy ignores the named location list after 9.4.2", "Lumen & Pike LLP",
     "every 3 bd, head start 15 min", "Jonas Weber", 4, "", 15),
)  # fmt: skip
P2: tuple[Line, ...] = (
    ("48221", "warn", "first_response", 27, 3, "BC",
     "Which log shows the reason for a refused token exchange?", "Aurelia Bank",
     "4 h, 24x7, head start 15 min", "", 2, "", 15),
    ("48195", "run", "progress_update", 74, 2, "BC",
     "Directory sync writes the old surname back after marriage", "Polder Water Authority",
     "every 4 h, 24x7, head start 30 min", "Sanjay Iyer", 4, "", 30),
    ("48217", "run", "first_response", 66, 2, "HP",
     "Push approval arrives on the wrong handset after re-enrolment", "Tasman Rail",
     "4 h in business hours, head start 15 min", "Ifeoma Adeyemi", 3, "", 15),
    ("48222", "run", "first_response", 63, 1, "SB",
     "Library kiosks cannot reach the sign-in page", "Brightwater Council",
     "4 h in business hours", "", 2, "", 0),
    ("48202", "run", "workaround", 124, 1, "HP",
     "Customs terminal users locked out in Brisbane", "Kestrel Air Freight",
     "8 h in business hours, head start 30 min", "Jonas Weber", 4, "", 30),
    ("48211", "run", "first_response", 134, 2, "HP",
     "Audit export misses events between 02:00 and 03:00", "Meridian Pathology",
     "4 h in business hours, head start 15 min", "Sanjay Iyer", 3, "", 15),
)  # fmt: skip
P3: tuple[Line, ...] = (
    ("48224", "run", "first_response", 1140, 2, "SB",
     "Pupils in two year groups get the staff password policy", "Fernleigh Schools",
     "1 bd; office closes 17:00", "", 2, "", 0),
    ("48180", "run", "workaround", 1638, 1, "HP",
     "Session cookie rejected behind the Osaka proxy", "Kitano Rail Systems",
     "8 h in Tokyo hours; closed today, head start 30 min", "Hana Sato", 4, "", 30),
    ("48215", "run", "first_response", 2890, 3, "SB",
     "Invoice NI-30912 charges 40 seats more than the contract", "Oakridge Credit Union",
     "2 bd", "Billing", 3, "", 0),
    ("48169", "run", "resolution", 14400, 3, "BC",
     "Wrong time zone in the weekly access review <script>alert(1)</script>", "Meridian Pathology",
     "15 bd, head start 15 min", "Hana Sato", 4, "", 15),
)  # fmt: skip
P4: tuple[Line, ...] = (
    ("48199", "wait", "workaround", 130, 2, "HP",
     "Outlook add-in asks for consent at every start", "Lumen & Pike LLP",
     "waiting for Rhys Pike since 11:20", "Jonas Weber", 4, "waiting for customer", 0),
    ("48172", "third", "workaround", 108, 2, "HP",
     "HSM driver returns CKR_DEVICE_ERROR after patching", "Corvid Energy",
     "waiting for the HSM maker since Friday", "Sanjay Iyer", 4, "waiting for third party", 0),
    ("48220", "goal", "first_response", 1620, 3, "IN",
     "Password reset mail goes to the spam folder", "Quill & Sons Printers",
     "goal of 2 bd; no paid level", "", 2, "", 0),
    ("48154", "met", "resolution", 95, 3, "HP",
     "Dark logo on the consent screen", "Kestrel Air Freight",
     "closes by itself 30 Nov", "Hana Sato", 5, "", 0),
)  # fmt: skip


def row(line: Line) -> QueueRow:
    """A queue's row from a line of the sample."""
    number, k, clock, minutes, severity, level, subject, customer, stands, owner, step, turn, head = line
    what = promise(k, clock, minutes, head_start=head * 60)
    facts: dict[str, Any] = {
        "number": number,
        "subject": subject,
        "customer": customer,
        "stands": stands,
        "owner": owner,
    }
    return QueueRow(
        promise=what,
        severity=severity,
        level=LEVELS[level],
        url=f"#{number}",
        step=step,
        turn=turn,
        yours=k == "wait",
        current=number == "48213",
        **facts,
    )


def queue() -> dict[str, Any]:
    """The queue."""
    titles = (
        "Effective due has passed: take these now",
        "Before the shift ends at 17:00",
        "After today",
        "No promise running: by age, ceiling 5 days",
    )
    bands = [
        QueueBand(code=f"P{n}", title=title, rows=tuple(map(row, lines)))
        for n, (title, lines) in enumerate(zip(titles, (P1, P2, P3, P4), strict=True), 1)
    ]
    names = (
        ("APAC, open", 25),
        ("Mine", 2),
        ("Nobody yet", 6),
        ("Severity 1", 8),
        ("Waiting for customer", 2),
        ("Due before hand-off", 12),
        ("Billing", 1),
    )
    views = [NavItem(label=a, url="#", count=b, current=b == 25) for a, b in names]
    return {
        **desk(),
        "bands": bands,
        "views": views,
        "selectable": True,
        "query": "is:open team:apac",
        "query_url": "#",
    }


def lanes() -> list[Promise]:
    """The promises of the sample ticket."""
    start, pause = at("11:09:40"), (Pause(start=at("12:20"), end=at("12:38")),)
    first = Promise(
        clock="first_response",
        name="First response",
        k="met",
        target=900,
        target_words="15 min",
        started_at=start,
        due=at("11:24:40"),
        stopped_at=at("11:13:48"),
        used=248,
    )
    report = Promise(
        clock="progress_update",
        name="Progress report",
        k="warn",
        target=HOUR,
        target_words="every 1 h",
        started_at=at("13:18"),
        due=at("14:18"),
        warn_at=at("14:03"),
        used=2902,
        note="third report",
    )
    around = Promise(
        clock="workaround",
        name="Workaround",
        k="run",
        target=4 * HOUR,
        target_words="4 h",
        started_at=start,
        due=at("15:27:40"),
        warn_at=at("14:27:40"),
        used=9522,
        pauses=pause,
    )
    whole = Promise(
        clock="resolution",
        name="Resolution",
        k="run",
        target=8 * HOUR,
        target_words="8 h",
        started_at=start,
        due=at("19:27:40"),
        warn_at=at("17:27:40"),
        used=9522,
        pauses=pause,
    )
    return [first, report, around, whole]


STEPS = (
    Step(name="Acknowledged", state="done", at=at("11:02:24"), note="automatic, 6 s"),
    Step(name="Triage", state="done", at=at("11:09:40"), note="Ifeoma Adeyemi, 7 min 22 s"),
    Step(name="Dispatch", state="done", at=at("11:11:05"), note="to Mara Lindqvist"),
    Step(name="Resolution", state="now", at=at("11:11:05"), note="workaround in test"),
    Step(name="Closure", state="next", note="when Harbourline accepts"),
)

FILES = (
    File(name="gateway-stbrendans.log", url="#", size=214000, note="1 secret masked"),
    File(name="reader-screen.png", url="#", size=88000),
)
FIRST_MAIL = """Hi team, since 10:47 the badge readers at St Brendan's, Wharf Street and Northshore refuse
every sign-in. Nurses cannot open medication cabinets. The log says: x509: certificate signed by unknown authority.

We run Gateway 9.4.2 in production. Nothing was changed here today. Call me on +61 2 5550 0147."""
ENTRIES = (
    Entry(
        kind="in",
        at=at("11:02:18"),
        who="Priya Raman",
        role="Identity lead, Harbourline Health",
        to="By email to support@northwind.example",
        text=FIRST_MAIL,
        files=FILES,
    ),
    Entry(
        kind="event",
        at=at("11:02:24"),
        text="Acknowledged by email: NW-48213, severity 3, first response within 4 h, two articles offered",
    ),
    Entry(
        kind="event",
        at=at("11:09:40"),
        lead="Severity 3 to 1",
        text="by Ifeoma Adeyemi: “Production sign-in stopped at three sites.” Four clocks re-reckoned,",
        url="#",
        url_words="first response 15:02 became 11:24",
    ),
    Entry(
        kind="out",
        at=at("11:13:48"),
        who="Mara Lindqvist",
        role="Access team",
        to="Reply to 3 people at Harbourline Health",
        text="Priya, I have this now. The gateways trust a certificate that expired. You hear from me by 12:14.",
    ),
    Entry(
        kind="event",
        at=at("12:20"),
        lead="Waiting for Harbourline:",
        yours=True,
        text="may we restart gateway 2 at St Brendan’s? Workaround and resolution stand still",
    ),
    Entry(
        kind="in",
        at=at("12:38"),
        who="Tom Okafor",
        role="Duty manager, Harbourline Health",
        to="By portal",
        text="Approved. Ward 4 is on paper until 13:00.",
    ),
    Entry(
        kind="note",
        at=at("12:51:07"),
        who="Mara Lindqvist",
        to="Note to the Access team",
        html="<p>@Sanjay the new chain went to the old path: <code>/etc/gw/chain.pem</code> moved.</p>",
    ),
)

FACTS = (
    FactGroup(
        title="What triage knows",
        have=7,
        of=8,
        facts=(
            Fact(
                name="Impact",
                value="Nurses cannot open medication cabinets; 3 sites",
                source="email, sentence 2",
            ),
            Fact(
                name="Wanted severity", value="“our highest”", source="email, sentence 4; set to 1 by Ifeoma"
            ),
            Fact(
                name="Version", value="Gateway 9.4.2", source="email, line 6", tag="supported to 30 Sep 2027"
            ),
            Fact(name="Steps", value="Ask for it", url="#", source="missing; not asked yet"),
        ),
    ),
    FactGroup(
        title="Contract",
        facts=(
            Fact(name="Harbourline", value="NI-1184, version 4", source="in force since 1 Jul 2026"),
            Fact(name="Level", value="Business Critical", level=BC),
            Fact(name="TAM", value="Owen Blake, may escalate at once"),
        ),
    ),
    FactGroup(
        title="People",
        facts=(
            Fact(
                name="Owner",
                value="Mara Lindqvist",
                source="on duty, gateway skill 3, knows Harbourline (11 tickets)",
            ),
        ),
    ),
)

WRITINGS = (
    Writing(code="reply", label="Reply", key="r", url="#", button="Send reply to customer"),
    Writing(
        code="report",
        label="Progress report",
        key="p",
        url="#",
        button="Send report to customer",
        hint="Meets the progress promise; the next is due an hour after you send",
        fields="ui/gallery/report_fields.html",
    ),
    Writing(
        code="question",
        label="Question",
        key="q",
        url="#",
        button="Ask the customer",
        hint="Workaround and resolution stand still until they answer",
    ),
    Writing(code="solution", label="Solution", key="l", url="#", button="Propose solution"),
    Writing(code="note", label="Note", key="n", url="#", button="Keep note inside", inside=True),
)


def ticket() -> dict[str, Any]:
    """A ticket."""
    composer = {
        "key": "ticket-48213",
        "kinds": WRITINGS,
        "chosen": "report",
        "recipients": "Goes to 3 people at Harbourline Health",
        "people": "Priya Raman, Tom Okafor, ops-desk@harbourline.example",
        "people_url": "#",
        "inside": "Stays inside Northwind",
        "inside_words": "14 people in the Access team can read it; Harbourline never does",
        "text": "Status: the new chain is on two of three gateways; both sign in again since 14:01.",
    }
    return {
        **desk(),
        "promises": lanes(),
        "steps": STEPS,
        "entries": ENTRIES,
        "groups": FACTS,
        "composer": composer,
        "level": BC,
    }


def _piece(start: str, end: str, kind: Any, left: str, why: str, row: str, **more: Any) -> WhyPiece:
    (d1, c1), (d2, c2) = start.split(" "), end.split(" ")
    hours, minutes, seconds = map(int, left.split(":"))
    a, b = at(c1, int(d1), TOKYO), at(c2, int(d2), TOKYO)
    counted = round((b - a).total_seconds()) if kind in ("counted", "to_come", "superseded") else 0
    return WhyPiece(
        start=a,
        end=b,
        kind=kind,
        counted=counted,
        left=hours * HOUR + minutes * 60 + seconds,
        why=why,
        calendar_row=row,
        **more,
    )


def _course(
    kind: Any, pieces: tuple[WhyPiece, ...], until: datetime | None = None, since: datetime | None = None
) -> WhyLine:
    points = [
        (edge, (p.left or 0) + more) for p in pieces for edge, more in ((p.start, p.counted), (p.end, 0))
    ]
    ends = [(until, points[-1][1])] if until else []
    begins = [(since, points[0][1])] if since else []
    return WhyLine(kind=kind, points=(*begins, *(p for p in points if since is None or p[0] > since), *ends))


def why_chart() -> WhyChart:
    """Why the workaround for Kitano is due on Tuesday at 15:24:40."""
    turn = "Stands still: waiting for customer"
    old = WhySection(
        title="Severity 2: 3 business days, made 24:00:00 at the start",
        label="2  usability affected",
        severity=2,
        at=at("14:52:10", 18, TOKYO),
        target=24 * HOUR,
        source="NI-2207 v3, schedule B, row 7",
        was_due=at("13:53:40", 25, TOKYO),
        pieces=(
            _piece(
                "18 14:52:10",
                "18 17:00:00",
                "counted",
                "21:52:10",
                "Counts: open",
                "Tokyo hours, row Wed 09:00–17:00",
                event="received",
            ),
            _piece("18 17:00:00", "19 09:00:00", "closed", "21:52:10", "Closed: night", "Tokyo hours"),
            _piece(
                "19 09:00:00",
                "19 11:04:30",
                "counted",
                "19:47:40",
                "Counts: open",
                "Tokyo hours, row Thu 09:00–17:00",
            ),
            _piece(
                "19 11:04:30",
                "20 10:06:00",
                "paused",
                "19:47:40",
                turn,
                "",
                rule="clause 6.2: workaround pauses while we wait for you",
                event="ended by Kitano’s reply",
            ),
            _piece(
                "20 10:06:00",
                "20 15:24:40",
                "counted",
                "14:29:00",
                "Counts: open",
                "Tokyo hours, row Fri 09:00–17:00",
            ),
        ),
    )
    new = WhySection(
        title="Severity 1: 8 business hours from the change, because that is earlier",
        label="1  function of a production system disrupted",
        severity=1,
        at=at("15:24:40", 20, TOKYO),
        target=8 * HOUR,
        before=52140,
        reason="raised to severity 1, 15:24:40",
        source="NI-2207 v3, schedule B, row 6; rule “on raise: from change”",
        pieces=(
            _piece(
                "20 15:24:40",
                "20 17:00:00",
                "counted",
                "6:24:40",
                "Counts: open",
                "Tokyo hours, row Fri 09:00–17:00",
                event="severity 2 to 1 by Hana Sato",
            ),
            _piece(
                "20 17:00:00",
                "23 00:00:00",
                "closed",
                "6:24:40",
                "Closed: night and weekend",
                "Tokyo hours, no row Sat, Sun",
            ),
            _piece(
                "23 00:00:00",
                "24 00:00:00",
                "holiday",
                "6:24:40",
                "Closed: Labour Thanksgiving Day",
                "Tokyo hours, holiday 23 Nov",
            ),
            _piece("24 00:00:00", "24 09:00:00", "closed", "6:24:40", "Closed: night", "Tokyo hours"),
            _piece(
                "24 09:00:00",
                "24 15:24:40",
                "to_come",
                "0:00:00",
                "Will count, if nothing more happens",
                "Tokyo hours, row Tue 09:00–17:00",
            ),
        ),
    )
    ghost = (
        _piece("20 15:24:40", "20 17:00:00", "counted", "12:53:40", "", ""),
        _piece("20 17:00:00", "24 09:00:00", "closed", "12:53:40", "", ""),
        _piece("24 09:00:00", "24 17:00:00", "counted", "4:53:40", "", ""),
        _piece("24 17:00:00", "25 09:00:00", "closed", "4:53:40", "", ""),
        _piece("25 09:00:00", "25 13:53:40", "counted", "0:00:00", "", ""),
    )
    lines = (
        _course("old", old.pieces),
        _course("now", new.pieces[:2], NOW),
        _course("to_come", new.pieces[2:], since=NOW),
        _course("ghost", ghost),
    )
    hours = tuple((at("09:00", day, TOKYO), at("17:00", day, TOKYO)) for day in (18, 19, 20, 24, 25))
    return WhyChart(
        name="Workaround",
        zone="Asia/Tokyo",
        now=NOW,
        started_at=at("14:52:10", 18, TOKYO),
        sections=(old, new),
        due=at("15:24:40", 24, TOKYO),
        used=5720,
        target=8 * HOUR,
        target_words="8 h",
        lines=lines,
        start_words="received 14:52:10",
        open_hours=hours,
        holidays={"2026-11-23": "Labour Thanksgiving"},
    )


def why() -> dict[str, Any]:
    """The "why" page."""
    before = Promise(
        clock="workaround",
        name="severity 2",
        k="was",
        target=24 * HOUR,
        target_words="3 bd",
        started_at=NOW,
        used=34260,
        warn_used=18 * HOUR,
        note="due Wed 25 Nov, 13:53:40",
    )
    after = Promise(
        clock="workaround",
        name="severity 1",
        k="run",
        target=8 * HOUR,
        target_words="8 h",
        started_at=NOW,
        used=5720,
        warn_used=6 * HOUR,
        note="due Tue 24 Nov, 15:24:40",
    )
    return {**desk(), "chart": why_chart(), "before": before, "after": after}


def owed() -> list[Owed]:
    """What a customer is owed."""
    report = promise("warn", "progress_update", 12, target=HOUR, warn_used=2700)
    first = promise("run", "first_response", 197, target=4 * HOUR, warn_used=3 * HOUR)
    paused = promise("wait", "resolution", 4176, target=432000, warn_used=324000)
    goal = promise("goal", "resolution", 14000, target=1200000)
    return [
        Owed(
            number="NW-48213",
            subject="Badge sign-in at three hospitals",
            url="#",
            promise=report,
            severity=1,
            say="We report to you again",
            bold="by 14:18",
            then=", in 12 minutes.",
            note="Two sites work again since 14:01. We expect all three by 15:00.",
        ),
        Owed(
            number="NW-48226",
            subject="Report of dormant accounts is empty",
            url="#",
            promise=first,
            severity=3,
            say="You hear from us",
            bold="by 17:23",
            then=" today, in 3 hours.",
            note="Ifeoma has read it. You gave us all we need for a start.",
        ),
        Owed(
            number="NW-48131",
            subject="Export of access reviews to your archive",
            url="#",
            promise=paused,
            severity=3,
            say="Our clock",
            bold="stands still",
            then=": you wanted to check the file format until Wednesday.",
            note="It goes on when you answer.",
        ),
        Owed(
            number="NW-48120",
            subject="Intranet: shorter session for shared desks",
            url="#",
            promise=goal,
            severity=3,
            say="We aim for",
            bold="Thursday 3 December",
            then=". This is a goal, not a promise.",
            note="Planned for release 9.5.",
        ),
    ]


STORY = (
    Chapter(
        at=at("11:02"),
        title="We got your email",
        text="You had a number and a first promise 6 seconds later.",
    ),
    Chapter(
        at=at("11:09"),
        title="Severity 1",
        text="Ifeoma read that three sites could not sign in and moved it from 3 to 1.",
    ),
    Chapter(at=at("11:13"), title="Mara answered", text="10 minutes earlier than promised."),
    Chapter(
        at=at("12:20"),
        title="Your turn, 18 minutes",
        text="Tom approved the restart at St Brendan’s.",
        mark="y",
    ),
    Chapter(at=at("14:18"), title="Next: our third report", text="Promised by 14:18.", mark="c"),
    Chapter(at=at("19:27:40"), title="Solved for good", text="Promised by 19:27:40 today.", mark=""),
)


def customer(current: str) -> dict[str, Any]:
    """What every portal page has."""
    names = ("Home", "Requests", "Raise a request", "Documentation")
    groups = [NavGroup(items=tuple(NavItem(label=name, url="#", current=name == current) for name in names))]
    me = {"name": "Priya Raman", "note": "Harbourline Health"}
    return {
        "nav": groups,
        "me": me,
        "vendor_name": "Northwind Identity",
        "now": NOW,
        "zone": SYDNEY,
        "home_url": "#",
    }


def portal() -> dict[str, Any]:
    """A customer's home."""
    openings = [
        Opening(name="Patient sign-in", words="open all day", open=((0, 86400),)),
        Opening(name="Staff intranet", words="open 9 to 17", open=((9 * HOUR, 17 * HOUR),)),
    ]
    ways = (
        Answer(label="Yes, restart", url="#", value="yes", main=True),
        Answer(label="Another time", url="#", value="no"),
    )
    need = Need(
        title="Northshore: may we restart the gateway at 14:20?",
        text="Restarting takes about 40 seconds.",
        answers=ways,
    )
    return {**customer("Home"), "openings": openings, "needs": [need], "owed": owed(), "story": STORY}


def request() -> dict[str, Any]:
    """Raising a request."""
    kinds = (
        ("technical", "Technical problem", "Something does not work"),
        ("billing", "Billing problem", "An invoice or a licence"),
        ("feature", "Feature request", "Something you wish for"),
        ("general", "General enquiry", "A question"),
    )
    cards = [{"value": a, "label": b, "text": c} for a, b, c in kinds]
    questions = [
        ("production", "Is a production system affected?", ("Yes", "No, a test system", "Not sure"), ""),
        (
            "people",
            "How many people?",
            ("Fewer than 10", "10 to 100", "More than 100"),
            "Please choose the nearest number.",
        ),
    ]
    asked = [
        {
            "name": a,
            "legend": b,
            "options": [{"value": o, "label": o} for o in c],
            "chosen": c[-1] if not d else "",
            "error": d,
        }
        for a, b, c, d in questions
    ]
    return {**customer("Raise a request"), "cards": cards, "questions": asked}


def gallery() -> dict[str, Any]:
    """Every mark and state, on one page."""
    states: tuple[State, ...] = ("run", "warn", "over", "wait", "third", "goal", "met", "was")
    minutes = {
        "run": 124,
        "warn": 12,
        "over": -22,
        "wait": 130,
        "third": 108,
        "goal": 1620,
        "met": 95,
        "was": 60,
    }
    each = [
        promise(k, "workaround", minutes[k], head_start=1800 if k == "run" else 0, warn_used=3 * HOUR)
        for k in states
    ]
    far = [
        promise("run", "resolution", 20000),
        promise("over", "resolution", -2000),
        promise("run", "resolution", 0.5),
    ]
    return {
        **desk("Now"),
        "states": [*each, *far],
        "levels": [BC, HP, SB, IN],
        "steps": STEPS,
        "query_url": "#",
        "undo": {"words": "NW-48213 was given to Sanjay Iyer.", "url": "#"},
        "sevs": [1, 2, 3, 4, None],
        "counts": [0, 3, 8],
    }


PAGES: dict[str, Callable[[], dict[str, Any]]] = {
    "gallery": gallery,
    "queue": queue,
    "ticket": ticket,
    "why": why,
    "portal": portal,
    "request": request,
}
