"""What the worker does beside the pages, done at once."""

from datetime import datetime

from cast import NOW
from mainstay.maintenance import telling


def tell_all(at: datetime = NOW) -> int:
    """Publications and tasks told until nothing is left; how many steps did something."""
    steps = 0
    while telling.step(at):
        steps += 1
    return steps
