"""The components as pages show them: true to their shapes, safe with any words, plain numbers in any language."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from mainstay.ui import draw, marks, samples, views, why
from mainstay.ui.ledger_rows import sections, split_days
from mainstay.ui.samples import NOW, SYDNEY, TOKYO, promise
from mainstay.ui.shapes import Entry, Level

EVIL = "<script>alert('x')</script>"
STATES = ("run", "warn", "over", "wait", "third", "goal", "met", "was")


def drawn(source: str, **context: object) -> str:
    template = engines["django"].from_string("{% load ui %}" + source)
    return template.render(context)


def page(name: str, theme: str = "") -> str:
    request = RequestFactory().get("/ui/gallery", {"page": name, "theme": theme})
    return views.gallery(request).content.decode()


@pytest.mark.parametrize("name", samples.PAGES)
def test_every_sample_page_is_drawn_without_inline_style(name):
    html = page(name, "dark")
    assert 'data-theme="dark"' in html
    assert not re.search(r"\sstyle=", html)
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)


def test_ids_are_unique_on_every_sample_page():
    for name in samples.PAGES:
        ids = re.findall(r'\sid="([^"]+)"', page(name))
        assert len(ids) == len(set(ids)), name


def test_a_subject_that_is_a_script_is_only_words():
    html = page("queue")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert(1)" not in html


def test_words_of_people_are_escaped_in_every_place():
    entry = Entry(kind="in", at=NOW, who=EVIL, role=EVIL, to=EVIL, text=EVIL)
    html = drawn(
        '{% include "ui/conversation.html" %}',
        entries=[entry, replace(entry, kind="event", lead=EVIL)],
        now=NOW,
    )
    html += marks.who(EVIL) + marks.level(Level(code=EVIL, name=EVIL, rank=2))
    bad = replace(samples.why_chart(), name=EVIL, start_words=EVIL, holidays={"2026-11-23": EVIL})
    html += drawn("{% why_chart chart %}{% why_ledger chart %}", chart=bad)
    named = replace(promise("run", "workaround", 9), name=EVIL, note=EVIL)
    html += drawn("{% lanes promises now zone title %}", promises=[named], now=NOW, zone=SYDNEY, title=EVIL)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("k", STATES)
@pytest.mark.parametrize("minutes", [-100_000, -22, 0, 12, 9_000, 1_000_000])
def test_every_state_is_drawn_within_its_ruler(k, minutes):
    what = promise(k, "workaround", minutes, head_start=1800, warn_used=10800)
    for svg in (draw.promise_scale(what, NOW), draw.gauge(what, NOW)):
        root = ElementTree.fromstring(f"<p>{svg}</p>")
        shares = [
            float(v[:-1]) for e in root.iter() for v in e.attrib.values() if re.fullmatch(r"-?[\d.]+%", v)
        ]
        assert all(0 <= share <= 100 for share in shares)


def test_the_needle_of_all_rows_lies_on_one_line():
    rows = [draw.promise_scale(promise(k, "workaround", 9), NOW) for k in STATES]
    needles = {found.group(1) for row in rows if (found := re.search(r'class="nd" x1="([^"]+)"', row))}
    assert needles == {"17.00%"}


def test_a_ticket_without_a_promise_still_has_its_needle():
    assert 'class="nd"' in draw.promise_scale(None, NOW)


def test_numbers_in_drawings_do_not_follow_the_language():
    with translation.override("de"):
        svg = draw.gauge(promise("run", "workaround", 33), NOW) + why.draw(samples.why_chart())
    assert not re.search(r'="-?\d+,\d', svg)


def test_a_countdown_ticks_only_where_it_counts_down():
    near = drawn(
        "{% countdown promise now zone %}", promise=promise("run", "workaround", 52), now=NOW, zone=SYDNEY
    )
    far = drawn(
        "{% countdown promise now zone %}", promise=promise("run", "workaround", 3000), now=NOW, zone=SYDNEY
    )
    paused = drawn(
        "{% countdown promise now zone %}", promise=promise("wait", "workaround", 52), now=NOW, zone=SYDNEY
    )
    assert 'data-form="in">in 52 min<' in near
    assert 'data-form="at">' in far
    assert "data-due" not in paused


def test_marks_have_words_for_those_who_do_not_see_them():
    assert all('role="img" aria-label=' in marks.glyph(k) for k in STATES)
    assert "Severity 1" in marks.sev(1)
    assert "Severity not set" in marks.sev(None)
    assert "Nobody yet" in marks.who("")
    assert ">ML<" in marks.who("Mara Lindqvist")
    assert "7 of 8" in marks.completeness(7, 8)


def test_the_ledger_adds_up_to_the_target():
    chart = samples.why_chart()
    rows = [day for group in sections(chart) for day in group.days]
    assert sum(day.counted for day in sections(chart)[-1].days) == chart.target
    assert rows[-1].left == 0
    assert any(day.label == "Sat 21 Nov – Sun 22 Nov" for day in rows)
    assert [day.label for day in rows if day.today] == ["Mon 23 Nov"]


def test_a_piece_over_midnights_is_shared_out_to_its_days():
    chart = samples.why_chart()
    end = chart.pieces[3].end
    piece = replace(
        chart.pieces[0], end=end, counted=round((end - chart.pieces[0].start).total_seconds()), left=5
    )
    parts = list(split_days(piece, TOKYO))
    assert len(parts) == 3
    assert sum(part.counted for part in parts) == piece.counted
    assert parts[-1].left == 5
    assert all(a.end == b.start for a, b in pairwise(parts))


def test_every_piece_of_the_chart_has_a_letter_in_the_ledger():
    html = drawn("{% why_ledger chart %}", chart=samples.why_chart())
    for letter in "abcdefghij":
        assert f'<span class="l">{letter}</span>' in html
    assert why.letter(25) == "z"
    assert why.letter(26) == "aa"


def test_a_form_says_its_error_beside_its_field():
    html = drawn(
        '{% include "ui/input.html" with id="subject" name="subject" label="Subject" error="Say what happens." only %}'
    )
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="subject_error"' in html
    assert "Subject: Say what happens." in html


def test_a_forms_bound_field_ties_label_help_and_error():
    from django import forms

    class Asked(forms.Form):
        subject = forms.CharField(help_text="One line.")
        severity = forms.ChoiceField(choices=[("1", "One"), ("2", "Two")], widget=forms.RadioSelect)
        agreed = forms.BooleanField(required=False)

    form = Asked({"subject": ""})
    html = "".join(drawn("{% field f %}", f=field) for field in form)
    assert 'for="id_subject"' in html
    assert 'id="id_subject_helptext"' in html
    assert 'id="id_subject_error"' in html
    assert "id_subject_error" in re.search(r'aria-describedby="([^"]+)"', html).group(1)
    assert "<legend>Severity" in html
    assert 'class="check"' in html


@pytest.mark.parametrize("code", [400, 403, 404, 413, 500, "403_csrf"])
def test_error_pages_need_nothing_to_be_drawn(code):
    html = engines["django"].get_template(f"{code}.html").render({})
    assert "<h1>" in html
    assert "<script" not in html
