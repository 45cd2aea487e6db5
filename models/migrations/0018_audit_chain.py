from tortoise import migrations
from tortoise.migrations import operations as ops

#: ("zpt" as a number, and a number that nothing else of ours takes): who closes the chain is alone.
LINK = """
CREATE FUNCTION audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
    previous bytea;
BEGIN
    -- Until the transaction has ended. It ends now: this runs in the middle of its COMMIT.
    PERFORM pg_advisory_xact_lock(8024180, 1000);
    -- A statement of its own, and so it sees what the one before us in the lock has committed.
    SELECT position, hash INTO place, previous FROM audit_links ORDER BY position DESC LIMIT 1;
    INSERT INTO audit_links (position, entry_id, hash) VALUES (
        coalesce(place, 0) + 1, NEW.id,
        sha256(coalesce(previous, decode(repeat('00', 32), 'hex')) || NEW.digest)
    );
    RETURN NULL;
END
$$
"""

REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to: % of % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$
"""

FORGE = """
CREATE FUNCTION audit_forge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'links of the audit log are written by its entries'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$
"""


class Migration(migrations.Migration):
    """The audit log is only ever added to, and chained when a transaction commits
    (docs/decisions/0021)."""

    dependencies = [('models', '0017_final_tests')]

    initial = False

    operations = [
        ops.RunSQL(
            [
                LINK,
                REFUSE,
                FORGE,
                """
                CREATE CONSTRAINT TRIGGER audit_entries_link AFTER INSERT ON audit_entries
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_link()
                """,
                """
                CREATE TRIGGER audit_entries_refuse BEFORE UPDATE OR DELETE OR TRUNCATE
                ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()
                """,
                """
                CREATE TRIGGER audit_links_refuse BEFORE UPDATE OR DELETE OR TRUNCATE
                ON audit_links FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()
                """,
                """
                CREATE TRIGGER audit_links_forge BEFORE INSERT
                ON audit_links FOR EACH ROW EXECUTE FUNCTION audit_forge()
                """,
            ],
            reverse_sql=[
                'DROP TRIGGER audit_links_forge ON audit_links',
                'DROP TRIGGER audit_links_refuse ON audit_links',
                'DROP TRIGGER audit_entries_refuse ON audit_entries',
                'DROP TRIGGER audit_entries_link ON audit_entries',
                'DROP FUNCTION audit_forge()',
                'DROP FUNCTION audit_refuse()',
                'DROP FUNCTION audit_link()',
            ],
        ),
    ]
