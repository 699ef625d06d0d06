"""The words by which tickets are found, and the views of the queue in their own order."""

from django.conf import settings
from django.db import migrations, models

from mainstay.tickets.search import PUNCTUATION

PARTED = PUNCTUATION.replace("'", "''").replace("\\", "\\\\")
WORDS = f"""
CREATE TABLE tickets_words (
    ticket_id bigint PRIMARY KEY, is_open boolean NOT NULL, words tsvector NOT NULL
);

CREATE FUNCTION tickets_words_of(t tickets_ticket) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT to_tsvector('simple', lower(translate(
        concat_ws(' ', t.id, t.subject, t.customer_reference, t.requester_address, t.requester_name, c.code, c.name),
        E'{PARTED}', repeat(' ', {len(PUNCTUATION)}))))
    FROM (SELECT t.customer_id) own LEFT JOIN customers_customer c ON c.id = own.customer_id
$$;

CREATE FUNCTION tickets_words_kept() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM tickets_words WHERE ticket_id = OLD.id;
    ELSIF TG_OP = 'TRUNCATE' THEN
        DELETE FROM tickets_words;
    ELSE
        INSERT INTO tickets_words VALUES (NEW.id, NEW.state <> 'closed', tickets_words_of(NEW))
        ON CONFLICT (ticket_id) DO UPDATE SET is_open = EXCLUDED.is_open, words = EXCLUDED.words;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER words_new AFTER INSERT OR DELETE ON tickets_ticket
    FOR EACH ROW EXECUTE FUNCTION tickets_words_kept();
CREATE TRIGGER words_none AFTER TRUNCATE ON tickets_ticket
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_words_kept();
CREATE TRIGGER words_changed AFTER UPDATE ON tickets_ticket FOR EACH ROW WHEN (
    (OLD.state = 'closed') <> (NEW.state = 'closed') OR OLD.subject <> NEW.subject
    OR OLD.customer_id IS DISTINCT FROM NEW.customer_id OR OLD.customer_reference <> NEW.customer_reference
    OR OLD.requester_address <> NEW.requester_address OR OLD.requester_name <> NEW.requester_name
) EXECUTE FUNCTION tickets_words_kept();

CREATE FUNCTION tickets_words_renamed() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE before text := coalesce(current_setting('mainstay.scope', true), '');
BEGIN
    PERFORM set_config('mainstay.scope', 'all', true);
    UPDATE tickets_words w SET words = tickets_words_of(t)
    FROM tickets_ticket t WHERE t.customer_id = NEW.id AND w.ticket_id = t.id;
    PERFORM set_config('mainstay.scope', before, true);
    RETURN NULL;
END $$;
CREATE TRIGGER words_renamed AFTER UPDATE ON customers_customer FOR EACH ROW
    WHEN (OLD.name <> NEW.name OR OLD.code <> NEW.code) EXECUTE FUNCTION tickets_words_renamed();

-- who sees all tickets asks here; nobody else learns anything. The newest `most`, before a number if one is given.
CREATE FUNCTION tickets_found(asked text, wants_open boolean, before bigint, most integer) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('mainstay.scope', true), '') <> 'all' THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT ticket_id FROM tickets_words WHERE %s AND words @@ %L::tsquery AND ticket_id < %L::bigint'
        ' ORDER BY ticket_id DESC LIMIT %s',
        CASE WHEN wants_open THEN 'is_open' ELSE 'NOT is_open' END, asked,
        coalesce(before, 9223372036854775807), most);
END $$;
"""
BEGUN = """
SET LOCAL mainstay.scope = 'all';
INSERT INTO tickets_words SELECT t.id, t.state <> 'closed', tickets_words_of(t) FROM tickets_ticket t;
CREATE INDEX tickets_words_open ON tickets_words USING gin (words) WITH (gin_pending_list_limit = 256) WHERE is_open;
CREATE INDEX tickets_words_closed ON tickets_words USING gin (words) WITH (gin_pending_list_limit = 256)
    WHERE NOT is_open;
ALTER TABLE tickets_words ALTER COLUMN words SET STATISTICS 1000;
ANALYZE tickets_words;
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("customers", "0001_initial"),
        ("tickets", "0007_tally"),
    ]

    operations = [
        migrations.RunSQL(WORDS, migrations.RunSQL.noop),
        migrations.RunSQL(BEGUN, migrations.RunSQL.noop),
        *(
            migrations.AddIndex(
                model_name="ticket",
                index=models.Index(
                    condition=models.Q(("state", "closed"), _negated=True),
                    fields=[field, "queue_at"],
                    name=f"ticket_{field}",
                ),
            )
            for field in ("state", "team", "severity")
        ),
    ]
