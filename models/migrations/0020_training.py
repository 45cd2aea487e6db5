from tortoise import migrations
from tortoise.migrations import operations as ops

REFUSE = """
CREATE FUNCTION training_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of a class is only ever added to: % of % refused',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$
"""


class Migration(migrations.Migration):
    """The history of a class is only ever added to."""

    dependencies = [('models', '0019_institution_records')]

    initial = False

    operations = [
        ops.RunSQL(
            [
                REFUSE,
                """
                CREATE TRIGGER class_events_refuse BEFORE UPDATE OR DELETE OR TRUNCATE
                ON class_events FOR EACH STATEMENT EXECUTE FUNCTION training_refuse()
                """,
            ],
            reverse_sql=[
                'DROP TRIGGER class_events_refuse ON class_events',
                'DROP FUNCTION training_refuse()',
            ],
        ),
    ]
