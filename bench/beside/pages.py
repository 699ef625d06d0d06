"""django-helpdesk's pages at a number of tickets, in a schema of its own beside the product's tables.

Run by `bench/pages.py` with a Python that has the package: owner's URL, how many tickets, how many of them open.
Rows are written by SQL, since its own intake would take hours: three words of title, four sentences, three
follow-ups each; one ticket has 20, one 2,000. A queue page is its page and the rows that its script fetches.
"""

import statistics
import sys
import time

from schema import beside

TIMES = 20
TEXT = "Since this morning the nightly export stops after row 4,711 with error E17. "


def main(url: str, size: int, still_open: int) -> None:
    with beside(url):
        fill(size, still_open)
        measure(size)


def fill(size: int, still_open: int) -> None:
    """The rows, then statistics of the tables as any database in use has them."""
    from django.contrib.auth.models import User
    from django.db import connection
    from helpdesk.models import Queue

    queue = Queue.objects.create(slug="q", title="Q")
    user = User.objects.create_superuser("mara", "mara@vendor.example", "bench")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO helpdesk_ticket (title, queue_id, created, modified, submitter_email, assigned_to_id, status,
                on_hold, description, priority, secret_key)
            SELECT 'Export ' || n || CASE n %% 200 WHEN 0 THEN ' zebra' ELSE ' stops' END, %s,
                now() - (%s - n) * interval '30 seconds', now(), 'person' || n %% 20000 || '@customer.example',
                CASE n %% 3 WHEN 0 THEN %s END, CASE WHEN n > %s THEN 1 ELSE 4 END, false, %s, 1 + n %% 5, 'secret'
            FROM generate_series(1, %s) n
            """,
            [queue.pk, size, user.pk, size - still_open, TEXT * 4, size],
        )
        follow = """
            INSERT INTO helpdesk_followup (ticket_id, date, title, comment, public, user_id)
            SELECT id, created + n * interval '10 minutes', 'Comment', %s, true, %s
            FROM helpdesk_ticket, generate_series(1, %s) n
        """
        cursor.execute(follow, [TEXT * 4, user.pk, 3])
        for title, many in (("Twenty", 20), ("Two thousand", 2000)):
            cursor.execute(
                "UPDATE helpdesk_ticket SET title = %s WHERE id = (SELECT id FROM helpdesk_ticket"
                " WHERE title LIKE 'Export%%' ORDER BY id DESC LIMIT 1)",
                [title],
            )
            cursor.execute(follow + " WHERE title = %s", [TEXT * 4, user.pk, many - 3, title])
        cursor.execute("ANALYZE helpdesk_ticket, helpdesk_followup")


def measure(size: int) -> None:
    from django.contrib.auth.models import User
    from django.test import Client
    from helpdesk.models import Ticket
    from helpdesk.query import query_to_base64

    client = Client()
    client.force_login(User.objects.get(username="mara"))
    rows = "/datatables_ticket_list/"
    asked = {"filtering": {"status__in": [1, 2]}, "sorting": "created", "sortreverse": False}
    few = TIMES if size < 500_000 else 3  # its list takes seconds there
    for name, times, paths in (
        ("queue", few, ["/tickets/", rows + query_to_base64({**asked, "search_string": ""})]),
        (
            "search by a word",
            few,
            [
                "/tickets/?q=zebra",
                rows + query_to_base64({"filtering": {}, "sorting": "created", "search_string": "zebra"}),
            ],
        ),
        ("ticket of 20 messages", TIMES, [f"/tickets/{Ticket.objects.get(title='Twenty').pk}/"]),
        ("ticket of 2,000 messages", 3, [f"/tickets/{Ticket.objects.get(title='Two thousand').pk}/"]),
    ):
        took = []
        for turn in range(times + 1):
            began = time.perf_counter()
            for path in paths:
                answer = client.get(path)
                assert answer.status_code == 200, (path, answer.status_code)
            if turn:
                took.append((time.perf_counter() - began) * 1000)
        middle, most = statistics.median(took), statistics.quantiles([*took, took[-1]], n=20)[-1]
        print(f"  {'django-helpdesk, ' + name:<46} {middle:8.1f} {most:8.1f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
