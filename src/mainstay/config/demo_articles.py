"""What the demo vendor has written: answers for its two products, some in German, one for its own people only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.customers.models import Contact, Product
from mainstay.knowledge import articles, looks, synonyms
from mainstay.knowledge.articles import Covers, Words
from mainstay.knowledge.models import Article, Look, Version


@dataclass(frozen=True)
class Written:
    """An article: title, line and body by language; what it covers as product, first and last release."""

    texts: dict[str, tuple[str, str, str]]
    audience: str = "public"
    covers: tuple[tuple[str, str, str], ...] = field(default=(("atlas", "", ""),))


SYNONYMS = """badge, card, id card, pass, token
sign in, login, log in, logon, anmelden, anmeldung
group, role, gruppe
sync, synchronise, replicate, abgleich
slow, hangs, lag, langsam
license, licence, key, lizenz"""

ARTICLES = (
    Written({
        "en": (
            "Badges are refused after an upgrade",
            "Readers keep old keys for a day; clear their cache once.",
            "Readers keep the keys that Atlas gave them. An upgrade makes new ones, so badges are refused until the"
            " reader asks again, at the latest after a day.\n\n## What to do\n\n1. Open **Devices**, choose the"
            " readers"
            " of one door and press **Clear cache**.\n2. Hold a badge at that door. It opens within ten seconds.\n"
            "3. Do the same for all others.\n\n> Doors with a fire release stay open whatever the reader says.\n\n"
            "## If it is still refused\n\nLook into `atlas-reader.log` for `KEY_EPOCH`. Where the number is"
            " lower than"
            " on **Devices**, the reader has no connection; check its network port and send us the log.",
        ),
        "de": (
            "Ausweise werden nach einem Upgrade abgelehnt",
            "Leser behalten alte Schlüssel einen Tag lang; leeren Sie einmal ihren Zwischenspeicher.",
            "Leser behalten die Schlüssel, die Atlas ihnen gegeben hat. Ein Upgrade macht neue, deshalb werden"
            " Ausweise"
            " abgelehnt, bis der Leser wieder fragt, spätestens nach einem Tag.\n\n## Was zu tun ist\n\n1. Öffnen Sie"
            " **Geräte**, wählen Sie die Leser einer Tür und drücken Sie **Zwischenspeicher leeren**.\n2. Halten Sie"
            " einen Ausweis an diese Tür. Sie öffnet innerhalb von zehn Sekunden.\n3. Wiederholen Sie es für alle"
            " anderen.\n\n## Wenn es dabei bleibt\n\nSuchen Sie in `atlas-reader.log` nach `KEY_EPOCH` und senden Sie"
            " uns die Datei.",
        ),
    }, covers=(("atlas", "7.0", ""),)),
    Written({
        "en": (
            "Reset a forgotten password",
            "Everybody can do it from the sign-in page; administrators for others too.",
            "1. On the sign-in page press **Forgotten?** and type your address.\n2. A link arrives within a"
            " minute. It"
            " works once and for an hour.\n3. Choose a password of twelve characters or more.\n\n## No mail"
            " arrives\n\n"
            "- Look into the folder for unwanted mail.\n- An administrator sees under **Users > Mail** whether it was"
            " sent.\n- People who sign in through your own directory have no password here: reset it there.",
        ),
        "de": (
            "Ein vergessenes Passwort zurücksetzen",
            "Jeder kann es auf der Anmeldeseite; Verwalter auch für andere.",
            "1. Drücken Sie auf der Anmeldeseite **Vergessen?** und geben Sie Ihre Adresse ein.\n2. Innerhalb einer"
            " Minute kommt ein Link. Er gilt einmal und eine Stunde lang.\n3. Wählen Sie ein Passwort mit mindestens"
            " zwölf Zeichen.\n\n## Es kommt keine Mail\n\n- Sehen Sie im Ordner für unerwünschte Mail nach.\n- Ein"
            " Verwalter sieht unter **Benutzer > Mail**, ob sie gesendet wurde.\n- Wer sich über Ihr eigenes"
            " Verzeichnis anmeldet, hat hier kein Passwort: Setzen Sie es dort zurück.",
        ),
    }, covers=()),
    Written({
        "en": (
            "Nobody can sign in through our own directory (LDAP, SAML)",
            "Mostly the certificate has expired, or clocks differ by more than five minutes.",
            "Try in this order; the first two are nine of ten cases.\n\n1. **Certificate.** Under **Sign-in >"
            " Directory"
            "** the day on which it expires stands beside it. Upload the new one; no restart is needed.\n2."
            " **Clock.**"
            " `atlasctl time` shows how far both sides differ. More than five minutes are refused.\n3. **Bind"
            " account."
            "** Its password was changed: type the new one and press **Test**.\n\n## Meanwhile\n\nOne local"
            " administrator can always sign in at `/sign-in?local=1`.",
        ),
        "de": (
            "Niemand kann sich über unser Verzeichnis anmelden (LDAP, SAML)",
            "Meist ist das Zertifikat abgelaufen, oder die Uhren gehen mehr als fünf Minuten auseinander.",
            "1. **Zertifikat.** Unter **Anmeldung > Verzeichnis** steht, wann es abläuft. Laden Sie das neue"
            " hoch; ein"
            " Neustart ist nicht nötig.\n2. **Uhr.** `atlasctl time` zeigt den Unterschied. Mehr als fünf Minuten"
            " werden abgelehnt.\n3. **Dienstkonto.** Sein Passwort wurde geändert: Geben Sie das neue ein und drücken"
            " Sie **Prüfen**.\n\nEin lokaler Verwalter kann sich immer unter `/sign-in?local=1` anmelden.",
        ),
    }),
    Written({
        "en": (
            "Upgrade from 7.0 to 7.1",
            "Half an hour; readers need their cache cleared afterwards.",
            "| step | takes | people notice |\n|---|---|---|\n| back up | 10 min | nothing |\n| install | 5 min"
            " | sign-in"
            " pauses |\n| migrate | 10 min | sign-in pauses |\n| clear readers | 5 min | badges refused until"
            " done |\n\n"
            "1. Back up with `atlasctl backup` and copy it elsewhere.\n2. Run the installer on the first node,"
            " then on"
            " the others.\n3. Watch `atlasctl status` until it says `ready`.\n4. Clear the readers'"
            " cache.\n\n## Going"
            " back\n\n`atlasctl rollback` works until the first change of a group; after that restore the backup.",
        ),
    }, covers=(("atlas", "7.0", "7.1"),)),
    Written({
        "en": (
            "The license has expired or is not accepted",
            "Where the new key goes, and what still works meanwhile.",
            "For fourteen days after the end everything works and administrators see a line at the top. Then"
            " nothing can"
            " be changed, and people can still sign in.\n\n1. Open **System > License** and paste the whole key, with"
            " its first and last line.\n2. Press **Check**. `WRONG_PRODUCT` means a key of another product;"
            " `WRONG_NODE` that the machine was replaced: ask us for a new key.",
        ),
        "de": (
            "Die Lizenz ist abgelaufen oder wird nicht angenommen",
            "Wohin der neue Schlüssel kommt, und was inzwischen noch geht.",
            "Vierzehn Tage lang geht alles weiter. Danach kann nichts mehr geändert werden; anmelden kann man sich"
            " noch.\n\n1. Öffnen Sie **System > Lizenz** und fügen Sie den ganzen Schlüssel ein.\n2. Drücken Sie"
            " **Prüfen**. `WRONG_NODE` heißt, dass die Maschine ersetzt wurde: Bitten Sie uns um einen neuen.",
        ),
    }, covers=(("atlas", "", ""), ("beacon", "", ""))),
    Written({
        "en": (
            "Export all users and groups as a file",
            "As CSV or JSON, also every night by itself.",
            "**Users > Export** writes what you see: filter first. Choose **CSV** for a spreadsheet, **JSON** for a"
            " program.\n\nEvery night: `atlasctl export --groups --to /srv/exports`, as a scheduled task of your"
            " machine. Passwords are never part of it.",
        ),
    }, covers=(("atlas", "", ""),)),
    Written({
        "en": (
            "Groups are missing after a user was renamed",
            "Known in 7.0 before 7.0.4; one command brings them back.",
            "Up to 7.0.3 a rename lost nested groups. Take 7.0.4 or 7.1, then run `atlasctl groups repair --dry-run`,"
            " read what it would do, and run it without `--dry-run`.",
        ),
    }, covers=(("atlas", "7.0", "7.0"),), audience="subscribers"),
    Written({
        "en": (
            "Sync stops with \"queue is full\"",
            "Beacon waits until the other side takes changes again; how to see which one and let it go on.",
            "Beacon keeps up to a million changes for a side that does not answer, then stops rather than lose"
            " one.\n\n"
            "1. **Status > Sides** names the one that does not answer.\n2. Mend its connection; the queue empties by"
            " itself, about a thousand a second.\n3. Is that side gone for good? Remove it under **Sides**; only then"
            " its changes are thrown away.\n\n> Restarting Beacon empties nothing and loses nothing.",
        ),
        "de": (
            "Der Abgleich hält an: „queue is full“",
            "Beacon wartet, bis die andere Seite wieder Änderungen annimmt.",
            "Beacon hebt bis zu eine Million Änderungen für eine Seite auf, die nicht antwortet, und hält dann"
            " an.\n\n"
            "1. **Status > Seiten** nennt die Seite, die nicht antwortet.\n2. Stellen Sie ihre Verbindung her; die"
            " Warteschlange leert sich von selbst.\n3. Gibt es die Seite nicht mehr, entfernen Sie sie unter"
            " **Seiten**.",
        ),
    }, covers=(("beacon", "", ""),)),
    Written({
        "en": (
            "Sync is slow in the morning",
            "Move the nightly full comparison, or give it more workers.",
            "Between six and nine the full comparison still runs and takes half of all workers.\n\n- Start it"
            " earlier:"
            " **Schedule > Full comparison**, 22:00.\n- Or set `workers = 8` in `beacon.toml`; each needs 200 MB.\n\n"
            "`beacon top` shows what it is busy with.",
        ),
    }, covers=(("beacon", "3.2", ""),)),
    Written({
        "en": (
            "Set up single sign-on with Microsoft Entra",
            "Ten minutes on our side; the services of Entra themselves are not covered by support.",
            "1. In Atlas open **Sign-in > SAML** and copy the address of the service.\n2. In Entra add an application"
            " and paste it.\n3. Copy the metadata address back into Atlas and press **Read**.\n4. Map `mail` to the"
            " address of the user.\n\nWhat Entra itself does or refuses is Microsoft's to answer; we gladly read its"
            " message with you.",
        ),
    }),
    Written({
        "en": (
            "What to send with a request about performance",
            "Four things that spare us the first round of questions.",
            "- since when, and whether it comes and goes\n- how many people notice\n- the file of `atlasctl report"
            " --last 1h` (no passwords are in it)\n- what changed in the two days before\n\nThe request form"
            " has a field"
            " for each.",
        ),
    }, covers=()),
    Written({
        "en": (
            "Kept logs, and how to read them before you ask",
            "Where each product writes, and the five lines that say most.",
            "Atlas: `/var/log/atlas`, Beacon: `/var/log/beacon`; fourteen days each.\n\n```\nERROR AUTH-4031  the"
            " directory refused the bind account\nERROR KEY-1102   a reader asks with an old key\nWARN  QUEUE-80   a"
            " side is behind by 80 %\nERROR DISK-1     less than a gigabyte is left\nWARN  CLOCK-5    clocks differ\n"
            "```",
        ),
    }, covers=(("atlas", "", ""), ("beacon", "", ""))),
    Written({
        "en": (
            "Reading a customer's key epoch by hand",
            "For our own people: how to tell a network problem from an old key.",
            "Ask for `atlas-reader.log`, never for the key store. Compare `KEY_EPOCH` with `atlasctl keys --epoch`."
            " Equal and refused: it is the badge. Lower: it is the network.",
        ),
    }, audience="internal", covers=(("atlas", "", ""),)),
)  # fmt: skip


def create(at: datetime) -> None:
    """Made once, after the vendor: written by Mara, read by Sanjay or Ifeoma; one waits to be read."""
    staff = {one.email.split("@")[0]: one for one in User.objects.exclude(roles=[])}
    mara, sanjay = Actor.staff(staff["mara"]), Actor.staff(staff["sanjay"])
    synonyms.replace(SYNONYMS, by=Actor.staff(staff["hana"]), at=at - timedelta(days=30))
    products = {one.code: one for one in Product.objects.all()}
    made = [
        _publish(one, products, mara, sanjay, at - timedelta(days=30 - n)) for n, one in enumerate(ARTICLES)
    ]
    articles.look_after(
        made[4],
        owner=staff["sanjay"],
        review_by=at.date() - timedelta(days=1),
        by=sanjay,
        at=at - timedelta(days=20),
    )
    _next_version(made[0], mara, at)
    _helped(made[0], at)


def _publish(one: Written, products: dict[str, Product], by: Actor, reader: Actor, at: datetime) -> Article:
    article: Article | None = None
    for language, (title, summary, body) in one.texts.items():
        words = Words(title, body, summary)
        if article is None:
            draft = articles.begin(words, language=language, audience=one.audience, by=by, at=at)
            article = draft.article
            rows = [Covers(products[code], first, last) for code, first, last in one.covers]
            articles.cover(article, rows, by=by, at=at)
        else:
            draft = articles.write(article, words, language=language, by=by, at=at)
        articles.submit(draft, by=by, at=at)
        articles.publish(draft, by=reader, at=at + timedelta(hours=2), remark="Tried it on our own system.")
    assert article is not None
    return article


def _next_version(article: Article, by: Actor, at: datetime) -> None:
    now = article.versions.get(language="en", state=Version.State.PUBLISHED)
    body = now.body.replace("within ten seconds", "within twenty seconds")
    words = Words(now.title, body, now.summary, "Measured again with 7.1: it takes up to twenty seconds.")
    draft = articles.write(article, words, language="en", by=by, at=at - timedelta(hours=5))
    articles.submit(draft, by=by, at=at - timedelta(hours=5))


def _helped(article: Article, at: datetime) -> None:
    """Priya was shown it while she wrote, and needed no request."""
    priya = Contact.objects.select_related("customer").get(email="priya@harbourline.example")
    entry = article.entries.get(language="en")
    when = at - timedelta(days=3)
    look = looks.show(
        looks.at_form(looks.key_of_form(), priya), Look.Place.FORM, [entry], at=when, contact=priya,
        product=Product.objects.get(code="atlas").pk,
    )  # fmt: skip
    looks.answer(look, entry, helped=True, at=when, why="Clearing the cache was it.")
