"""Published versions are kept as they are; what is not published for a reader is not seen (see tickets.scope).

Entries decide: an article, its versions and its pictures are seen outside the house only where an entry says so, and
an entry only by its audience. What is for subscribers needs a customer in `mainstay.scope`; whether something
entitles that customer is asked by `knowledge.access`.
"""

from django.db import migrations

SCOPE = "(SELECT coalesce(current_setting('mainstay.scope', true), ''))"
IDS = (
    "(SELECT CASE WHEN coalesce(current_setting('mainstay.scope', true), '') IN ('', 'all') THEN '{}'"
    " ELSE string_to_array(current_setting('mainstay.scope', true), ',')::bigint[] END)::bigint[]"
)
OURS = f"{SCOPE} = 'all'"
AUDIENCE = (
    f"{SCOPE} = 'all' OR audience = 'public' OR (audience = 'subscribers' AND {SCOPE} NOT IN ('', '-1'))"
)
WRITE = f"WITH CHECK ({OURS})"


def guard(table: str, rule: str, check: str = "") -> str:
    return f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY scope ON {table} USING ({rule}) {check or f"WITH CHECK ({rule})"};
    """


def of_entry(condition: str) -> str:
    return f"{SCOPE} = 'all' OR EXISTS (SELECT 1 FROM knowledge_entry e WHERE {condition})"


GUARDS = (
    guard("knowledge_entry", AUDIENCE, WRITE)
    + guard("knowledge_vocabulary", AUDIENCE, WRITE)
    + guard("knowledge_article", of_entry("e.article_id = knowledge_article.id"), WRITE)
    + guard("knowledge_version", of_entry("e.version_id = knowledge_version.id"), WRITE)
    + guard("knowledge_picture", of_entry("e.article_id = knowledge_picture.article_id"), WRITE)
    + guard("knowledge_coverage", of_entry("e.article_id = knowledge_coverage.article_id"), WRITE)
    + guard("knowledge_look", f"{SCOPE} = 'all' OR customer_id = ANY ({IDS})")
    + guard(
        "knowledge_shown",
        f"{SCOPE} = 'all' OR EXISTS (SELECT 1 FROM knowledge_look l WHERE l.id = knowledge_shown.look_id)",
    )
)

KEPT = """
CREATE FUNCTION knowledge_version_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state IN ('published', 'replaced') THEN
            RAISE EXCEPTION 'a published version is kept: % refused', TG_OP;
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.state IN ('published', 'replaced') THEN
        IF NEW.state NOT IN ('published', 'replaced') OR (NEW.title, NEW.summary, NEW.body, NEW.reason, NEW.language,
                NEW.number, NEW.article_id, NEW.pictures, NEW.author_name, NEW.writers, NEW.written_at,
                NEW.reviewer_name, NEW.reviewed_at, NEW.remark, NEW.alone)
            IS DISTINCT FROM (OLD.title, OLD.summary, OLD.body, OLD.reason, OLD.language, OLD.number, OLD.article_id,
                OLD.pictures, OLD.author_name, OLD.writers, OLD.written_at, OLD.reviewer_name, OLD.reviewed_at,
                OLD.remark, OLD.alone) THEN
            RAISE EXCEPTION 'a published version is never edited: write the next one';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON knowledge_version
    FOR EACH ROW EXECUTE FUNCTION knowledge_version_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0001_initial")]

    operations = [
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
