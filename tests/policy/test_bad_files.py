"""A broken file never yields a policy; each mistake is named with its line, its place and what would be right."""

import random
import re

import pytest

from mainstay.policy.check import checked
from mainstay.policy.read import Wrong, read
from mainstay.policy.rendering import as_text
from mainstay.policy.write import write
from policy.promised import EXAMPLES

GOOD = """\
format = 2
name = "Small"
hours = "Mon-Fri 09:00-17:00"
flags = { outage = "the service is down" }

[[severities]]
name = "Urgent"
[[severities]]
name = "High"
[[severities]]
name = "Low"

[packages.gold]
channels = ["email", "portal", "phone"]
promises.first_response = { Urgent = "1h", High = "4h", Low = "1bd" }

[[packages.gold.targets]]
clock = "first_response"
when = { environment = "test" }
targets = { Urgent = "2h", High = "8h" }
"""


def mistakes(text):
    """What is said of a file, as (line, path, message); nothing when it is in order."""
    try:
        checked(text, name="policy.toml", load=None, years=(2026, 2027))
    except Wrong as wrong:
        return [(one.line, one.path, one.message) for one in wrong.mistakes]
    return []


def looks(text):
    return [mistake.message for mistake in checked(text, name="p", load=None, years=(2026, 2027))[1]]


MANY = "9" * 5000  # more digits than Python makes a number of


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("[packages.gold]", f'[[severity_rules]]\nseverity = "{MANY}"\n\n[packages.gold]', "is no severity"),
        (
            "[packages.gold]",
            f'[[escalations]]\nclock = "first_response"\nafter = "{MANY}%"\nto = "tam"\n\n[packages.gold]',
            "must be a share of the target",
        ),
    ],
)
def test_a_number_without_an_end_is_a_mistake_like_any_other(was, becomes, says):
    assert any(says in message for _, _, message in mistakes(GOOD.replace(was, becomes, 1)))


def test_the_good_file_is_good():
    assert mistakes(GOOD) == []


@pytest.mark.parametrize(
    ("was", "becomes", "line", "says"),
    [
        ('clock = "first_response"', 'clock = "first_respons"', 18, 'did you mean "first_response"?'),
        ('environment = "test"', 'environment = "tset"', 19, 'did you mean "test"?'),
        ('environment = "test"', 'enviroment = "test"', 19, 'did you mean "environment"?'),
        ("channels = [", "chanels = [", 14, 'did you mean "channels"?'),
        ("[packages.gold]", "[pakages.gold]\n[packages.gold]", 13, 'did you mean "packages"?'),
        ("promises.first_response", "promisses.first_response", 15, 'did you mean "promises"?'),
        ('"portal"', '"pigeon"', 14, "must be one of documentation, email, portal"),
        ('Urgent = "1h"', 'Urgnt = "1h"', 15, 'did you mean "urgent"?'),
        ('Urgent = "1h"', 'Urgent = "1 hour"', 15, 'for that write "1h"'),
        ('Urgent = "1h"', 'Urgent = "3 calendar days"', 15, 'for that write "3d always"'),
        ('Urgent = "1h"', 'Urgent = "2 working days"', 15, 'for that write "2bd"'),
        ('Urgent = "1h"', 'Urgent = "2 days"', 15, 'a business day is "2bd", a calendar day "2d always"'),
        ('Urgent = "1h"', 'Urgent = "two hours"', 15, "best effort"),
        ("Mon-Fri 09:00-17:00", "16x5", 3, "which hours are they?"),
        ('name = "High"', 'name = "1"', 9, 'call it "Severity 1"'),
        (
            "[[packages.gold.targets]]",
            '[[packages.gold.targets]]\nclock = "first_response"\nwhen = { environment = "test" }\n'
            'target = "3h"\nseverity = "High"\n[[packages.gold.targets]]',
            25,
            "says the same case as packages.gold.targets[0].High (line 17)",
        ),
        ('Urgent = "1h"', 'Urgent = "-1h"', 15, "a target is positive"),
        ('Urgent = "1h"', 'Urgent = "1h alway"', 15, 'did you mean "always"?'),
        ('Urgent = "1h"', "Urgent = 1", 15, "must be a target such as"),
        ('Urgent = "1h"', 'Urgent = "101% within 1h"', 15, "must be a whole number from 1 to 100"),
        ("format = 2", "format = 3", 1, "a policy begins with: format = 2"),
        ("Mon-Fri 09:00-17:00", "Mon-Fri 09:00-17:00; Mon 16:00-18:00", 3, "overlapping hours on Mon"),
        ("Mon-Fri 09:00-17:00", "Mon-Fri 9-5", 3, "cannot read the times"),
        ('when = { environment = "test" }', 'when = { flag = "outtage" }', 19, 'did you mean "outage"?'),
        (
            'targets = { Urgent = "2h"',
            'kind = "promis"\ntargets = { Urgent = "2h"',
            20,
            'did you mean "promise"?',
        ),
        (
            'targets = { Urgent = "2h", High = "8h" }',
            "",
            17,
            "needs either targets by severity, or one target",
        ),
        ('name = "Low"', 'nam = "Low"', 11, 'did you mean "name"?'),
        ("[packages.gold]\n", '[packages.gold]\nlevel = "silver"\n', 14, "must be one of none"),
        ("[packages.gold]\n", "[packages.gold]\ncontacts = 0\n", 14, "must be a whole number from 1"),
        (
            "[packages.gold]\n",
            "[packages.g]\n[packages.gold]\n",
            13,
            "must be named by 2 to 50 small letters",
        ),
        (
            "[packages.gold]\n",
            '[packages.gold]\nclosing.question_closes = "never"\n',
            14,
            "for that write closing_rules = [{ closes = false }]",
        ),
        (
            "[packages.gold]\n",
            '[packages.gold]\nclosing.reopen_window = "none"\n',
            14,
            "for that write closing_rules = [{ reopens = false }]",
        ),
        ('name = "Small"', 'name = "Small', 2, "is not TOML"),
        ('name = "Small"', 'name = "Small"\nname = "Twice"', 3, "is not TOML"),
    ],
)
def test_a_wrong_word_is_named_with_its_line(was, becomes, line, says):
    assert was in GOOD
    found = mistakes(GOOD.replace(was, becomes, 1))
    assert any(at == line and says in message for at, _, message in found), found


def test_a_key_that_fell_into_a_table_is_told_where_it_belongs():
    text = GOOD.replace("[packages.gold]", 'languages = ["en"]\n[packages.gold]', 1)
    ((line, path, message),) = mistakes(text)
    assert (line, path) == (13, "severities[2].languages")
    assert "if it is meant for the whole policy, `languages` stands above the first [table]" in message


def test_every_mistake_is_told_not_only_the_first():
    text = (
        GOOD.replace('Urgent = "1h"', 'Urgent = "soon"').replace('"test"', '"tset"').replace("phone", "phon")
    )
    assert [line for line, _, _ in mistakes(text)] == [14, 15, 19]


def test_a_missing_severity_is_an_error_for_answers_and_worth_a_look_for_the_rest():
    ((line, path, message),) = mistakes(GOOD.replace(', Low = "1bd"', ""))
    assert "severity 3 (Low) has no first response in package gold" in message
    assert line in (15, 17)
    assert path.startswith("packages.gold")
    assert looks(GOOD + '[packages.gold.goals]\nworkaround = { Urgent = "4h" }\n') == [
        f'severity {n} has no workaround in package gold; write "none" if nothing is owed'
        for n in ("2 (High)", "3 (Low)")
    ]
    assert mistakes(GOOD.replace(', Low = "1bd"', ', Low = "none"')) == []


def test_two_equal_rows_are_refused_with_both_places():
    text = (
        GOOD
        + '[[packages.gold.targets]]\nclock = "first_response"\nwhen = { environment = ["test", "development"] }\n'
    )
    ((line, _, message), *_) = mistakes(text + 'targets = { Urgent = "3h" }\n')
    assert line == 20
    assert "says as much as packages.gold.targets[1].targets.Urgent (line 24)" in message
    ((_, _, message),) = mistakes(GOOD + '[[packages.gold.targets]]\nclock = "first_response"\n'
                                  'when = { environment = "test" }\ntarget = "9h"\nseverity = "High"\n')  # fmt: skip
    assert "says the same case as" in message


@pytest.mark.parametrize(
    "text",
    [
        # every severity has a row of its own
        '[packages.gold.goals]\nfirst_response = { rest = "9h" }\n',
        # no contract has such an environment
        '[[packages.gold.targets]]\nclock = "next_response"\ntarget = "1h"\n'
        '[[packages.gold.targets]]\nclock = "next_response"\ntarget = "2h"\n'
        "when = { bought_before = 2018-01-01, bought_since = 2019-01-01 }\n",
    ],
)
def test_a_row_that_is_never_reached_is_refused(text):
    assert any("is never reached" in message for _, _, message in mistakes(GOOD + text))


def test_a_row_for_a_level_wins_in_one_package_at_least():
    text = GOOD.replace(
        "[packages.gold]", '[levels.one]\npromises.next_response = "4h"\n[packages.gold]\nlevel = "one"'
    )
    assert mistakes(text) == []
    covered = text + '[packages.gold.promises]\nnext_response = "2h"\n'
    covered = covered.replace("promises.first_response =", "[packages.gold.goals]\nfirst_response =")
    assert any("levels.one.promises.next_response" in path for _, path, _ in mistakes(covered))


def test_a_promise_in_a_channel_that_nobody_staffs_is_impossible():
    row = '[[packages.gold.targets]]\nclock = "first_response"\nseverity = "Urgent"\ntarget = "15m always"\n'
    missing = mistakes(GOOD + row + 'when = { channel = "api" }\n')
    assert [line for line, _, _ in missing] == [25]
    assert (
        "a 15m target in the channel api, which the package does not have, so nobody staffs it"
        in missing[0][2]
    )
    phone = row + 'when = { channel = "phone" }\n[packages.gold.channel_rules.phone]\nstaffed = "{}"\n'
    ((_, _, message),) = mistakes(GOOD + phone.replace("{}", "business"))
    assert "impossible in the channel phone: 15m of always time runs out before anybody is there" in message
    assert mistakes(GOOD + phone.replace("{}", "always")) == []
    assert "nobody ever staffs it" in mistakes(GOOD + phone.replace("{}", "never"))[0][2]


@pytest.mark.parametrize(
    ("calendar", "says"),
    [
        ('all = ["business", "night"]', "never opens"),
        ('all = ["business", "nigt"]', 'did you mean "night"?'),
        ('any = ["odd", "business"]', "refers to itself"),
        ('week = "Mon 09:00-10:00"\nzone = "UTC"', 'did you mean "time_zone"?'),
        ('time_zone = "Mars/Base"\nweek = "Mon 09:00-10:00"', "unknown time zone"),
        ('time_zone = "UTC"\nweek = {}', "opens at no time"),
        ('time_zone = "UTC"\nweek = { mon = [["10:00", "09:00"]] }', "must end after it starts"),
        ('week = "Mon 09:00-10:00"\nholidays = ["XX"]', "no country"),
        (
            'week = "Mon 09:00-10:00"\nholidays = [{ of = "US", only = ["Chrismas"] }]',
            "is the name of no public holiday",
        ),
        ('span = [{ from = "Fri 17:00", until = "Mon 10:00 UTC" }]', "must be such as"),
        ('always = true\nweek = "Mon 09:00-10:00"', "just one of"),
        ('choose = [{ calendar = "night", when = { language = "en" } }]', "leaves some tickets without hours"),
        ('week = "Mon 09:00-10:00"\nholidays = [{ ics = "none.ics" }]', "cannot be read from here"),
    ],
)  # fmt: skip
def test_a_calendar_that_cannot_be_is_refused(calendar, says):
    text = (
        GOOD
        + f'[calendars.night]\ntime_zone = "customer"\nweek = "Mon-Fri 22:00-06:00"\n[calendars.odd]\n{calendar}\n'
    )
    found = mistakes(text)
    assert any(says in message for _, _, message in found), found
    assert all(line >= 22 for line, _, _ in found), found


@pytest.mark.parametrize(
    ("kpi", "says"),
    [
        ('kpi = "uptime"\npercent = 101', "above 0 and at most 100"),
        ('kpi = "uptime"', "is missing; uptime is measured in it"),
        (
            'kpi = "uptime"\npercent = 99\ncredits = { bands = [{ below = 99, percent = 5, days = 2 }] }',
            "either percent or days",
        ),
        ('kpi = "uptime"\npercent = 99\ncredits = { bands = [{ above = 99, percent = 5 }] }', "must say below"),
        ('kpi = "in_time"\npercent = 99', "say which clock"),
        ('kpi = "satisfaction"\npercent = 99\nnotice_hours = 48', "satisfaction knows no maintenance"),
        ('kpi = "uptime"\npercent = 99\nnotice_hours = -1', "must be a whole number from 0 to 8760"),
        ('kpi = "missed"\ncount = 4\npercent = 9', "has no meaning here"),
        ('kpi = "uptime"\npercent = 99\ncredits = { bands = [], claim_within = "soon" }', "such as \"30d\""),
    ],
)  # fmt: skip
def test_a_figure_that_cannot_be_measured_is_refused(kpi, says):
    text = GOOD + f'[[packages.gold.kpis]]\nstrength = "guarantee"\nper = "month"\n{kpi}\n'
    assert any(says in message for _, _, message in mistakes(text))


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.toml")))
def test_an_example_cut_anywhere_gives_mistakes_or_a_policy_and_nothing_else(name):
    text = (EXAMPLES / f"{name}.toml").read_text()
    for cut in range(0, len(text), max(1, len(text) // 60)):
        said = told(text[:cut])
        assert all(re.match(r"policy\.toml:\d+: ", line) for line in said)
        assert said or cut > len(text) / 4


def told(text):
    """The mistakes of a text as lines; none when it can be read."""
    try:
        read(text)
    except Wrong as wrong:
        return wrong.lines()
    return []


@pytest.mark.parametrize(
    "text",
    ["", "   ", "=", "a" * 100, "[" * 5000, "x = " + "[" * 2000, "format = 2\nname = 7", "[[severities]]\nname = 1",
     "severities = 5", "packages = []", "[packages]\ngold = 1", "format = 2\nname = \"x\"\n[packages.x]\ntargets = 3",
     "format = true", "\x00", "levels = { a = { targets = [1, 2] } }", "[calendars]\nx = 3\n[packages.gold]",
     "[packages.gold]\nhours_rules = 3", "[packages.gold]\nhours_rules = [3]", "[packages.gold]\npromises = 3",
     "[packages.gold]\nkpis = 3\nchannel_rules = 4\nclosing = 5", "severity_rules = [{ rule = 1 }]\nkpis = [1]",
     "hours = 5\n[packages.gold]", "hours = { week = 3 }\n[packages.gold]", "closing = 5\n[packages.gold]",
     "x = 99999999999999999999999999999999", "flags = 3\nregions = 4\naddons = 5\nlifecycle = 6\n[packages.gold]",
     "[packages.gold]\nchannels = 3\nlevel = 4", "[packages.gold.targets]\nx = 1", "[packages.gold]\nstaffing = 3"],
)  # fmt: skip
def test_nonsense_is_refused_and_never_a_traceback(text):
    assert mistakes(text)


VALUES = ["3", "true", "[]", "{}", '"x"', "[1]", "{ a = 1 }", "-1", "2026-01-01", "07:00:00", '""', "[[]]", "[{}]",
          '{ target = "none" }', '"*"', '"none"', "{ when = 3 }", '"4h"']  # fmt: skip


def changed(text, dice):
    """The text with a few values, words or lines changed."""
    for _ in range(dice.randint(1, 3)):
        lines = text.split("\n")
        k = dice.randrange(len(lines))
        values = list(re.finditer(r'=\s*("[^"]*"|\d+|true|false|\[[^\]]*\]|\{[^}]*\})', lines[k]))
        if values and dice.random() < 0.7:
            found = dice.choice(values)
            lines[k] = lines[k][: found.start(1)] + dice.choice(VALUES) + lines[k][found.end(1) :]
        elif dice.random() < 0.5:
            del lines[k]
        else:
            lines[k] = re.sub(
                r"[a-z_]+", dice.choice(["x", "targets", "when", "calendar", "any"]), lines[k], count=1
            )
        text = "\n".join(lines)
    return text


def test_whatever_is_changed_in_an_example_it_is_a_policy_or_has_mistakes():
    dice = random.Random(11)
    texts = [path.read_text() for path in sorted(EXAMPLES.glob("*.toml"))]
    refused = 0
    for _ in range(200):
        text = changed(dice.choice(texts), dice)
        try:
            parts, _ = checked(text, name="policy.toml", load=None, years=(2026, 2026))
        except Wrong:
            refused += 1
        else:
            assert read(write(parts)) == parts
            assert as_text(parts, list(parts["packages"]))
    assert 50 < refused < 190
