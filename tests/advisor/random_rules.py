"""Rules documents drawn at random: lawful ones, and the same with one law broken."""

from typing import Any

from hypothesis import strategies as st

LEVELS = ["included", "standard", "high", "critical"]


@st.composite
def documents(draw: st.DrawFn, most_questions: int = 4) -> dict[str, Any]:
    """A lawful document: points and levels rise along the answers, every level has a package."""
    levels = LEVELS[: draw(st.integers(1, 4))]
    questions = [draw(_question(f"q{n}", levels)) for n in range(draw(st.integers(1, most_questions)))]
    return {
        "format": 1,
        "levels": levels,
        "bands": draw(_bands(levels)),
        "questions": questions,
        "combinations": [
            {"from": draw(_from(questions)), "at_least": draw(st.sampled_from(levels)), "because": "Both."}
            for _ in range(draw(st.integers(0, 3)))
        ],
        "packages": [
            row
            for level in levels
            for row in (
                *(
                    [{"package": f"{level}-more", "level": level, "from": draw(_from(questions))}]
                    if draw(st.booleans())
                    else []
                ),
                {"package": level, "level": level},
            )
        ],
    }


@st.composite
def _question(draw: st.DrawFn, code: str, levels: list[str]) -> dict[str, Any]:
    number = draw(st.integers(2, 4))
    points = sorted(draw(st.lists(st.integers(0, 20), min_size=number, max_size=number)))
    floors = sorted(draw(st.lists(st.integers(-1, len(levels) - 1), min_size=number, max_size=number)))
    ceilings = sorted(draw(st.lists(st.integers(0, len(levels) + 2), min_size=number, max_size=number)))
    answers = []
    for n in range(number):
        answer: dict[str, Any] = {
            "code": f"a{n}", "words": f"{code} {n}", "because": f"It is {code} {n}", "points": points[n],
        }  # fmt: skip
        if floors[n] >= 0:
            answer["at_least"] = levels[floors[n]]
        if ceilings[n] < len(levels):
            answer["at_most"] = levels[ceilings[n]]
        answers.append(answer)
    return {"code": code, "ask": f"{code}?", "why": "It decides.", "answers": answers}


@st.composite
def _bands(draw: st.DrawFn, levels: list[str]) -> list[dict[str, Any]]:
    reached = sorted(draw(st.sets(st.sampled_from(range(len(levels))), min_size=1)))
    starts = sorted(draw(st.sets(st.integers(1, 60), min_size=len(reached) - 1, max_size=len(reached) - 1)))
    return [{"from": start, "level": levels[rank]} for start, rank in zip([0, *starts], reached, strict=True)]


@st.composite
def _from(draw: st.DrawFn, questions: list[dict[str, Any]]) -> dict[str, str]:
    named = draw(st.sets(st.sampled_from(range(len(questions))), min_size=1, max_size=2))
    return {
        questions[n]["code"]: draw(st.sampled_from([one["code"] for one in questions[n]["answers"]]))
        for n in sorted(named)
    }
