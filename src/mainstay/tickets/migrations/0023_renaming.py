"""A customer's new name reaches the search words of its tickets in slices, the newest first, and not at once.

A rename waits some seconds, so that what was being written under the old name is there when its turn comes.
Only these functions touch the words; see migration 0008.
"""

from django.db import migrations

SLICES = """
CREATE TABLE tickets_renaming (
    customer_id bigint PRIMARY KEY, before timestamptz NOT NULL DEFAULT 'infinity',
    renamed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE OR REPLACE FUNCTION tickets_words_renamed() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO tickets_renaming (customer_id) VALUES (NEW.id) ON CONFLICT (customer_id) DO UPDATE
        SET before = 'infinity', renamed_at = clock_timestamp();
    RETURN NULL;
END $$;

-- the words of the next tickets of a renamed customer; how many they were, -1: none, but something was settled
CREATE FUNCTION tickets_words_again(most integer, patience float8) RETURNS integer LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    held tickets_renaming;
    scope text := coalesce(current_setting('mainstay.scope', true), '');
    done integer;
    oldest timestamptz;
BEGIN
    IF scope <> 'all' THEN
        RETURN 0;
    END IF;
    SELECT * INTO held FROM tickets_renaming WHERE renamed_at <= clock_timestamp() - make_interval(secs => patience)
        ORDER BY renamed_at LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    WITH next AS MATERIALIZED (
        SELECT t.id, t.opened_at FROM tickets_ticket t
        WHERE t.customer_id = held.customer_id AND t.opened_at < held.before
        ORDER BY t.opened_at DESC FETCH FIRST most ROWS WITH TIES
    ), changed AS (
        UPDATE tickets_words w SET words = tickets_words_of(t)
        FROM next JOIN tickets_ticket t ON t.id = next.id WHERE w.ticket_id = next.id
    )
    SELECT count(*), min(opened_at) INTO done, oldest FROM next;
    IF done = 0 THEN
        DELETE FROM tickets_renaming WHERE customer_id = held.customer_id;
        RETURN -1;
    END IF;
    UPDATE tickets_renaming SET before = oldest WHERE customer_id = held.customer_id;
    RETURN done;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0022_complaint")]

    operations = [migrations.RunSQL(SLICES, migrations.RunSQL.noop)]
