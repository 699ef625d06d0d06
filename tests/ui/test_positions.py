"""Where marks lie: pure arithmetic, without pages."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from mainstay.ui import axis
from mainstay.ui.axis import NEEDLE, queue_share, ruler_over

NOW = datetime(2026, 11, 23, 3, 6, 22, tzinfo=UTC)
SECONDS = st.integers(-30 * 86400, 60 * 86400)


def test_now_lies_at_the_needle():
    assert queue_share(0) == NEEDLE


@given(SECONDS, SECONDS)
def test_a_later_instant_never_lies_further_left(one, other):
    assert (queue_share(one) <= queue_share(other)) == (one <= other) or queue_share(one) == queue_share(
        other
    )


@given(SECONDS)
def test_every_instant_lies_on_the_ruler(seconds):
    assert axis.PAST_EDGE <= queue_share(seconds) <= 100


def test_the_minutes_around_now_have_the_most_room():
    quarter, hour, four, day = (queue_share(s) for s in (900, 3600, 14400, 86400))
    assert quarter - NEEDLE > 10
    assert NEEDLE < quarter < hour < four < day < 100


def test_beyond_the_ruler_is_said():
    assert axis.is_beyond(7 * 86400)
    assert not axis.is_beyond(5 * 86400)


@given(
    st.integers(60, 90 * 86400),
    st.sampled_from(["UTC", "Australia/Sydney", "America/St_Johns", "Asia/Tokyo"]),
)
def test_a_tickets_ruler_has_few_round_ticks_within_it(length, zone):
    ruler = ruler_over([NOW, NOW + timedelta(seconds=length)], ZoneInfo(zone))
    ticks = [at for at, _label in ruler.ticks()]
    assert len(ticks) <= 12
    assert ticks == sorted(ticks)
    assert all(at.astimezone(ZoneInfo(zone)).second == 0 for at in ticks)
    shares = [ruler.share(at) for at in ticks]
    assert shares == sorted(shares)


def test_the_day_on_which_clocks_go_back_keeps_its_ticks_in_order():
    sydney = ZoneInfo("Australia/Sydney")
    start = datetime(2026, 4, 4, 20, 0, tzinfo=sydney)
    ruler = ruler_over([start, start.astimezone(UTC) + timedelta(hours=14)], sydney)
    shares = [ruler.share(at) for at, _label in ruler.ticks()]
    assert shares == sorted(shares)
