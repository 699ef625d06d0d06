"""The levels as rulers: what is owed is a mark on one ruler that all share, a goal never has a solid end."""

import re

from mainstay.ui.rulers import Mark, Ruled, fit, rulers

HOUR, DAY = 3600, 86400
HIGH = Ruled("High Priority", None, Mark(HOUR, True), Mark(8 * HOUR, True), Mark(2 * DAY, True), chosen=True)
HOPES = Ruled("Included", None, Mark(2 * DAY, False), Mark(3 * DAY, False), Mark(9 * DAY, False))


def shares(svg: str, cls: str) -> list[float]:
    found = re.findall(rf'class="{cls}"[^>]*? (?:x|cx)="([\d.]+)%"', svg)
    return [float(one) for one in found]


def test_a_promise_ends_in_a_post_and_a_goal_in_a_ring() -> None:
    high, hopes = rulers("It breaks", "Tue 10:00", [HIGH, HOPES]).rows
    assert 'class="end"' in high.svg
    assert 'class="ring"' not in high.svg
    assert hopes.svg.count('class="ring"') == 3
    assert not re.search(r'class="(end|ln|al|st)"', hopes.svg)
    assert (high.k, hopes.k) == ("run", "goal")
    assert (high.lead, high.detail) == ("1 h", "solved in 2 d")
    assert hopes.lead == "2 d (goal)"


def test_all_rows_share_one_ruler_and_longer_lies_further_right() -> None:
    drawn = rulers("It breaks", "Tue 10:00", [HIGH, HOPES])
    needles = {needle for row in drawn.rows for needle in re.findall(r'class="nd" x1="([\d.]+)%"', row.svg)}
    assert len(needles) == 1
    answer = shares(drawn.rows[1].svg, "ring")
    assert answer == sorted(answer, key=lambda share: -share)  # solution, workaround, answer
    assert all(8 < share <= 98 for share in answer)


def test_what_is_not_owed_is_not_drawn() -> None:
    row = rulers("It breaks", "Sat 22:00", [Ruled("None", None, None)]).rows[0]
    assert (row.lead, row.detail) == ("no promise", "")
    assert not re.search(r'class="(end|ring|ln|al|st)"', row.svg)


def test_points_beyond_the_last_band_stay_on_the_ruler() -> None:
    assert 'x="100.00%"' in fit([(0, "IN"), (9, "SB")], 500, 100)["scale"]
    assert fit([(0, "IN")], 0, 0)["scale"]
