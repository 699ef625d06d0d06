"""A customer that is called otherwise: the search words of its tickets follow in the background, a slice at a time.

The rename itself is one row and one line that waits (a trigger, migration 0023); a customer with a million tickets is
renamed as quickly as one with ten. Until its turn has come a ticket is found by the old name.
"""

from django.db import connection, transaction

SLICE = 500
"""Tickets in one transaction: a fraction of a second."""
PATIENCE = 2.0
"""Seconds until a rename has its turn: what was being written under the old name is there by then."""


def step(most: int = SLICE, patience: float = PATIENCE) -> int:
    """The next tickets of a renamed customer, in a transaction of their own; 0 when nothing waits. For the worker,
    which sees all tickets; any number of workers may run it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tickets_words_again(%s, %s)", [most, patience])
        done: int = cursor.fetchone()[0]
    return abs(done)
