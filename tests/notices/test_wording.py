"""The words of letters: in the customer's language, reworded by the vendor, and nothing in them runs."""

import re

import pytest
from django.test import Client

from cast import acting
from mainstay.accounts.models import Act
from mainstay.errors import Refused
from mainstay.notices import edited, samples, wording
from mainstay.notices.letters import LETTERS, PLACES
from mainstay.notices.models import Delivery, Wording
from mainstay.tickets import closure, resolution, triage
from mainstay.tickets.messages import Said

BLOCKS = "{words}\n\n{facts}\n\n{buttons}"
PRIYA = "priya@harbourline.example"


def reword(desk, text, letter="acknowledgement", language="en", over=0):
    return edited.reword(letter, language, text, over=over, by=acting(desk.cast.ruth), at=desk.now)


def german(desk, who):
    who.customer.language = "de"
    who.customer.save()
    return who


# ---- what is shipped


def test_every_letter_is_shipped_in_every_language_with_the_same_places_and_blocks():
    for letter in (*wording.letters(), *wording.house()):
        texts = {code: wording.shipped(letter, code) for code in wording.LANGUAGES}
        named = {code: wording.compiled(text).places for code, text in texts.items()}
        assert len(set(map(frozenset, named.values()))) == 1, letter
        for text in texts.values():
            edited.checked(letter, text)
    english, german = (wording._file(code) for code in ("en", "de"))
    assert set(english["phrases"]) <= set(german["phrases"])
    assert set(english["samples"]) == set(german["samples"])
    for phrase, text in english["phrases"].items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", german["phrases"][phrase])), (
            phrase
        )


def test_whatever_a_letter_may_name_is_filled_in():
    assert set(edited.COMMON) == set(PLACES)
    for letter in (*wording.letters(), *wording.house()):
        for code in wording.LANGUAGES:
            for place, value in samples.values(letter, code):
                assert value, (letter, place)
            with edited.trying(code, {}):  # the shipped phrases: no database is asked
                made = samples.letter(letter, wording.shipped(letter, code), code)
            assert not re.search(r"\{[a-z_]+\}", made.text), made.text


def test_the_customers_language_chooses(desk):
    who = german(desk, desk.cast.priya)
    ticket = desk.opens(who)
    ack = desk.letter(ticket, "acknowledgement").text
    for said in (
        f"Ihre Nummer ist {ticket.pk}.",
        "Zugesagt: erste Antwort innerhalb von 4 Geschäftsstunden, das heißt bis Dienstag, 3. März, 12:30 Uhr"
        " (Zeit in Sydney).",
        "Schweregrad: 3, Gering",
        "Eingegangen: Montag, 2. März, 16:30 Uhr (Zeit in Sydney)",
        "Vertrag HA-2025-1, Business Critical Support",
        "Owen Blake (owen@vendor.example), kann die Anfrage sofort eskalieren",
    ):
        assert said in ack
    by = acting(desk.cast.mara)
    triage.triage(
        ticket, severity=1, category="technical", reason="Alles steht", by=by, at=desk.later(minutes=1)
    )
    assert "steigt von Schweregrad 3 auf 1" in desk.letter(ticket, "severity").text
    resolution.propose_solution(ticket, text="Version 7.1.2", by=by, at=desk.later(minutes=1))
    solution = desk.letter(ticket, "solution")
    assert "Es ist gelöst:" in solution.text
    assert 'lang="de"' in solution.html
    closure.close(ticket, reason="resolved", text="Version 7.1.2 hilft.", by=by, at=desk.later(minutes=1))
    assert "ist gelöst und geschlossen." in desk.letter(ticket, "closed").text
    english = re.compile(r"\b(the|your|request|We|Reply|within)\b")
    for one in Delivery.objects.filter(ticket=ticket, channel="email", user=None):
        assert not english.search(re.sub(r"https?:\S+", "", one.text)), one.text


def test_a_case_in_another_language_than_its_customers_is_written_to_in_its_own(desk):
    ticket = desk.opens(language="de")
    assert "Ihre Nummer ist" in desk.letter(ticket, "acknowledgement").text
    assert "Its number is" in desk.letter(desk.opens(language="fr"), "acknowledgement").text


# ---- the vendor's own words


def test_own_words_hold_from_the_next_letter_on_in_their_language_and_the_shipped_ones_come_back(desk):
    reword(
        desk,
        f"Hello {{name}}, {{number}} it is.\n\n{BLOCKS}\n\nBe well, {{vendor}}.\n\n--\n\nWrite to {{address}}.",
    )
    ack = desk.letter(desk.opens(), "acknowledgement")
    assert re.match(r"Hello Priya Raman, \d+ it is\.\nWe promise the first answer", ack.text)
    assert "Write to support@vendor.example." in ack.text
    assert "Next, we read it" not in ack.text + ack.html
    assert "Ihre Nummer" in desk.letter(desk.opens(german(desk, desk.cast.aiko)), "acknowledgement").text
    edited.as_shipped("acknowledgement", "en", over=1, by=acting(desk.cast.ruth), at=desk.now)
    assert "Next, we read it" in desk.letter(desk.opens(desk.cast.beth), "acknowledgement").text
    assert [one.version for one in edited.versions("acknowledgement", "en")] == [2, 1]
    kinds = list(Act.objects.filter(kind__startswith="letter").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["letter worded", "letter as shipped again"]


def test_a_paragraph_that_names_what_is_not_there_is_left_out(desk):
    reword(desk, f"Yes.\n\nCall {{phone}} now.\n\nFollows {{follows}}.\n\n{BLOCKS}")
    ack = desk.letter(desk.opens(), "acknowledgement").text
    assert "Call +61 2 5550 0100 now." in ack
    assert "Follows" not in ack


def test_an_unknown_sender_gets_none_of_their_words_back_whatever_the_letter_names(desk):
    everything = "\n\n".join(f"{place} is {{{place}}}" for place in edited.places("acknowledgement_unknown"))
    reword(desk, f"Here.\n\n{everything}\n\n{BLOCKS}", letter="acknowledgement_unknown")
    ack = desk.letter(desk.stranger("x@far.example", "Buy pills"), "acknowledgement")
    assert "number is" in ack.text
    for word in ("pills", "Pills", "Cheap"):
        assert word not in ack.text + ack.html + ack.subject


@pytest.mark.parametrize(
    "evil",
    ["{{7*7}}", "{% load x %}", "${7*7}", "{number}", "{0.__class__}", "%(number)s", "<b>{vendor}</b>"],
)
def test_a_customers_words_are_never_looked_at_for_places__attack_40(desk, evil):
    desk.cast.priya.name = f"Priya {evil}"
    desk.cast.priya.save()
    reword(desk, f"{{name}} wrote.\n\nOn: {{subject}}\n\n{BLOCKS}")
    ack = desk.letter(desk.opens(subject=f"Down {evil}"), "acknowledgement")
    assert f"Priya {evil} wrote." in ack.text
    assert f"On: Down {evil}" in ack.text
    assert "<b>" not in ack.html.partition("<body")[2].replace("&lt;b&gt;", "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1 to 8,000"),
        ("x" * 9000, "1 to 8,000"),
        (
            f"Hello {{password}}\n\n{BLOCKS}",
            r"names \{password\}.*knows \{articles\}, \{follows\}, \{reduced\}, \{number\}",
        ),
        ("Hello\n\n{words}\n\n{facts}", r"must have \{buttons\} once"),
        (f"Hello\n\n{BLOCKS}\n\n{{facts}}", r"must have \{facts\} once"),
        ("Hello\n\n{words} {facts}\n\n{buttons}", r"must have \{words\} once"),
        (BLOCKS, "begin with a headline"),
        (f"--\n\n{BLOCKS}", "begin with a headline"),
        ("Hello\n\n{words}\n\n{facts}\n\n--\n\n{buttons}", "above the foot"),
    ],
)
def test_what_would_break_a_letter_is_refused_with_the_reason(desk, text, why):
    with pytest.raises(Refused, match=why):
        reword(desk, text)
    assert not Wording.objects.exists()


def test_what_is_no_language_of_templates_is_printed_as_it_is(desk):
    reword(
        desk,
        f"Hello\n\n{{{{7*7}}}} {{% now %}} ${{x}} %(number)s {{0}} {{Number}}\n\n{BLOCKS}".replace(
            "${x}", "$(x)"
        ),
    )
    assert (
        "{{7*7}} {% now %} $(x) %(number)s {0} {Number}" in desk.letter(desk.opens(), "acknowledgement").text
    )


def test_two_people_do_not_overwrite_each_other(desk):
    reword(desk, f"One\n\n{BLOCKS}")
    with pytest.raises(Refused, match=r"was changed by Ruth Castellan meanwhile"):
        reword(desk, f"Two\n\n{BLOCKS}")


def test_words_kept_before_a_letter_had_a_block_or_lost_a_place_still_make_a_letter():
    made = wording.compiled("Hello\n\n{gone} it was\n\n{words}")
    assert [str(one) for one in made.parts[1:]] == ["words", "facts", "buttons"]
    assert wording.filled(made.parts[0], lambda place: "") is None
    assert wording.compiled("").headline == ("",)


def test_every_letter_that_is_told_has_a_name_on_the_page():
    from mainstay.desk.wordings import HOUSE, NAMES

    assert list(NAMES) == wording.letters()
    assert list(HOUSE) == wording.house()
    assert {name.partition("_")[0] for name in LETTERS} <= {name.partition("_")[0] for name in NAMES}


# ---- the page


def as_(who):
    client = Client()
    client.force_login(who)
    return client


def test_ruth_rewords_a_letter_looks_at_it_tries_it_and_takes_it_back(desk):
    client = as_(desk.cast.ruth)
    page = "/desk/wordings/en/answer"
    assert "as shipped" in client.get("/desk/wordings").content.decode()
    text = f"Dear {{name}}\n\n{BLOCKS}"
    looked = client.post(f"{page}/preview?as=dark", {"text": text})
    assert "Dear Priya Raman" in looked.content.decode()
    assert "@media all" in looked.content.decode()
    assert "sandbox" in looked.headers["Content-Security-Policy"]
    assert "Dear Priya Raman" in client.post(f"{page}/preview?as=text", {"text": text}).content.decode()
    tried = client.post(f"{page}/test", {"text": text, "over": "0"})
    assert "ruth@vendor.example" in tried.content.decode()
    sent = Delivery.objects.get(template="test letter")
    assert (sent.recipient, sent.text.splitlines()[0]) == ("ruth@vendor.example", "Dear Priya Raman")
    assert not Wording.objects.exists()
    assert client.post(page, {"text": text, "over": "0", "why": "warmer"}).status_code == 303
    assert "own words" in client.get("/desk/wordings").content.decode()
    assert "warmer" in client.get(page).content.decode()
    assert client.post(f"{page}/shipped", {"over": "1"}).status_code == 303
    again = client.get(f"{page}?version=1").content.decode()
    assert "Dear {name}" in again
    assert "keep it to make it hold again" in again


def test_what_was_typed_is_kept_when_it_is_refused_and_only_administrators_write(desk):
    page = "/desk/wordings/de/answer"
    refused = as_(desk.cast.ruth).post(page, {"text": "Hallo {passwort}", "over": "0"})
    assert refused.status_code == 422
    assert "Hallo {passwort}" in refused.content.decode()
    assert as_(desk.cast.dmitri).get(page).status_code == 200
    assert as_(desk.cast.dmitri).post(page, {"text": f"x\n\n{BLOCKS}", "over": "0"}).status_code in {403, 404}
    assert as_(desk.cast.mara).get(page).status_code == 404
    assert as_(desk.cast.ruth).get("/desk/wordings/xx/answer").status_code == 404


def test_an_announcement_asks_once_for_the_words_of_all_its_letters(desk, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from mainstay.notices.announce import announce_pending

    said = Said("Again.", "email", authenticated="pass")
    tickets = [desk.opens() for _ in range(3)]
    for ticket in tickets:
        resolution.reply(ticket, said=said, by=acting(desk.cast.mara), at=desk.later(minutes=1))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        announce_pending(desk.now)
    assert sum("notices_wording" in one["sql"] for one in asked.captured_queries) == 1


# ---- labels and sentences that letters share


def shared(**own):
    return {f"p-{name}": own.get(name, wording.phrase(name, "en")) for name in wording.phrases()}


def test_labels_and_promises_are_reworded_looked_at_and_taken_back(desk):
    client, page = as_(desk.cast.ruth), "/desk/wordings/en/phrases"
    assert "Labels and sentences" in client.get("/desk/wordings").content.decode()
    typed = shared(promise="You have our {what} within {target}, by {due} at the latest.", see="Open it")
    looked = client.post(f"{page}/preview?as=text", typed).content.decode()
    assert "You have our first answer within 1 hour, round the clock, by Monday 2 March" in looked
    assert "Open it:" in looked
    assert (
        "at the latest" not in client.get(f"{page}/preview?as=text").content.decode()
    )  # looking kept nothing
    assert not Wording.objects.exists()
    assert client.post(page, {**typed, "over": "0", "why": "warmer"}).status_code == 303
    ack = desk.letter(desk.opens(), "acknowledgement").text
    assert "You have our first answer within 4 business hours, by Tuesday 3 March" in ack
    assert "Open it:" in ack
    assert "Zugesagt:" in desk.letter(desk.opens(german(desk, desk.cast.aiko)), "acknowledgement").text
    again = client.get(page).content.decode()
    assert "warmer" in again
    assert 'value="Open it"' in again
    assert client.post(f"{page}/shipped", {"over": "1"}).status_code == 303
    assert "We promise the first answer" in desk.letter(desk.opens(desk.cast.beth), "acknowledgement").text
    assert 'value="Open it"' in client.get(f"{page}?version=1").content.decode()


def test_what_is_emptied_is_as_shipped_and_only_what_differs_is_kept(desk):
    made = edited.reword_phrases(
        "en", {"see": "Open it", "solved": "", "promise": wording.phrase("promise", "en")}, over=0,
        by=acting(desk.cast.ruth), at=desk.now,
    )  # fmt: skip
    assert made.text == '{"see": "Open it"}'


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"promise": "By {due}."}, r"must name \{target\}"),
        (
            {"promise": "{what} {target} {due} {password}"},
            r"names \{password\}, which it does not know; it knows \{due\}",
        ),
        ({"see": "See {number}"}, r"names \{number\}, which it does not know; it knows nothing"),
        ({"see": "{0.__class__}"}, r"names \{0.__class__\}"),
        ({"see": "x" * 301}, "longer than 300"),
    ],
)
def test_a_promise_without_its_due_instant_or_with_a_strange_place_is_refused(desk, own, why):
    client, page = as_(desk.cast.ruth), "/desk/wordings/en/phrases"
    with pytest.raises(Refused, match=why):
        edited.checked_phrases("en", own)
    answer = client.post(page, {**shared(**own), "over": "0"})
    assert answer.status_code == 422
    assert next(iter(own.values()))[:40] in answer.content.decode().replace("&#x27;", "'")
    assert client.post(f"{page}/preview", shared(**own)).status_code == 422
    assert not Wording.objects.exists()


@pytest.mark.parametrize(
    "odd", ["\x00", "\ud800x", "x" * 250_001, "<script>alert(1)</script> {{7*7}} {% x %}"]
)
def test_odd_values_break_no_letter(desk, odd):
    from urllib.parse import urlencode

    client, page = as_(desk.cast.ruth), "/desk/wordings/en/phrases"
    for field in ("p-see", "p-promise", "over", "why"):
        given = {
            **shared(),
            "p-solved": f"Solved {field}",
            "over": str(len(edited.versions("phrases", "en"))),
        }
        body = urlencode({**given, field: odd}, errors="surrogatepass")
        sent = client.post(page, body, content_type="application/x-www-form-urlencoded")
        assert sent.status_code in {303, 422}
    desk.letter(desk.opens(), "acknowledgement")
    assert as_(desk.cast.dmitri).get(page).status_code == 200
    assert as_(desk.cast.dmitri).post(page, shared()).status_code in {403, 404}
    assert as_(desk.cast.mara).get(page).status_code == 404


# ---- letters about no request


def test_sign_in_links_come_in_the_persons_language_and_in_the_vendors_words(desk):
    from mainstay.notices import sign_in

    user = desk.cast.tom.user
    user.language = "de"
    user.save()
    mail = sign_in.send_link(user, "https://support.vendor.example/sign-in/link/x", at=desk.now)
    assert mail.subject.startswith("Ihr Anmeldelink für den Support von")
    assert "Anmelden:\nhttps://support.vendor.example/sign-in/link/x" in mail.text
    assert "dieser Link meldet Sie an" in mail.html
    reword(desk, f"Hier ist er, {{name}}.\n\n{BLOCKS}", letter="sign_in", language="de")
    mail = sign_in.send_link(user, "https://support.vendor.example/sign-in/link/x", at=desk.now)
    assert mail.text.startswith("Hier ist er, Tom Okafor.")


def test_a_welcome_begins_with_the_vendors_words_in_the_customers_language(desk):
    from mainstay.notices import welcome

    priya, jonah = desk.cast.priya, desk.cast.jonah
    said = welcome.draft(priya.customer, desk.now)
    assert "By phone, in the hours of your contract: {phone}." in said.text
    assert "{phone}" not in welcome.draft(jonah.customer, desk.now).text
    german(desk, priya)
    reword(
        desk, f"Schön, dass Sie da sind\n\nGuten Tag {{name}}, {{vendor}} grüßt.\n\n{BLOCKS}", "welcome", "de"
    )
    said = welcome.draft(priya.customer, desk.now)
    assert said.subject == "Schön, dass Sie da sind"
    assert said.text.startswith("Guten Tag {name}, ")
    assert "{vendor}" not in said.text
    letter = welcome.filled(priya.customer, priya, said, desk.now)
    assert letter.body[0].startswith("Guten Tag Priya Raman, ")
    assert letter.buttons[0].label == "Zum Portal"
