"""The language in which tickets are found: read whole, or refused with the word that is wrong and what is right."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.errors import Refused
from mainstay.tickets import query, search
from mainstay.tickets.query import Term, parse


def test_terms_phrases_and_what_must_not_be_there() -> None:
    found = parse('sev:1 customer:acme due:<2h "invoice error" -printer -is:waiting refund')
    assert [(one.field, one.values, one.negated) for one in found.terms] == [
        ("sev", ("1",), False), ("customer", ("acme",), False), ("due", ("<2h",), False), ("is", ("waiting",), True),
    ]  # fmt: skip
    assert (found.phrases, found.without) == (("invoice error", "refund"), ("printer",))


def test_alternatives_and_quoted_values() -> None:
    assert parse('cat:billing,feature customer:"Kitano Rail"').terms == (
        Term("cat", ("billing", "feature"), typed="cat:billing,feature"),
        Term("customer", ("kitano rail",), typed='customer:"Kitano Rail"'),
    )


@pytest.mark.parametrize(
    ("typed", "names", "says"),
    [
        ("sevv:1", "sevv:1", "do you mean sev:?"),
        ("sev:grave", "sev:grave", "a severity is a number, as in sev:1"),
        ("is:waitin", "is:waitin", "do you mean is:waiting?"),
        ("due:soon", "due:soon", "as in due:<2h and due:>1d"),
        ("older:three", "older:three", "as in older:3d"),
        ("customer:", "customer:", "as in customer:acme"),
        ('"invoice error', '"invoice error', "not closed"),
        ("http://x", "http://x", "it is a word"),
        ("x" * 500, "", "longer than"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(typed: str, names: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(typed)
    assert refused.value.field == "query"
    assert names in refused.value.message
    assert says in refused.value.message


@settings(max_examples=300)
@given(st.text(max_size=120))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    try:
        found = parse(typed)
    except Refused:
        return
    search.expression(found.phrases, found.without)


def test_words_become_nothing_but_words_of_a_tsquery() -> None:
    assert search.expression(["o'neil & !x"]) == "('o' <-> 'neil' <-> 'x':*)"
    assert search.expression(["invoice error", "mail"], ["spam"]) == (
        "('invoice' <-> 'error':*) & ('mail':*) & !('spam':*)"
    )
    assert search.expression(["'':*|!()\\"]) == ""


def test_queries_add_up() -> None:
    both = parse("is:waiting") & parse("sev:1 x")
    assert [one.field for one in both.terms] == ["is", "sev"]
    assert query.Query() == parse("  ")
