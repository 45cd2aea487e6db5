from tortoise import migrations
from tortoise.migrations import operations as ops

REFUSE = """
CREATE FUNCTION institutions_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was recorded stays: % of % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$
"""
#: Tables whose rows are only ever added.
TABLES = ('institution_records', 'subsidy_standards')


class Migration(migrations.Migration):
    """Records of the directory and the subsidy standards are only ever added."""

    dependencies = [('models', '0018_audit_chain')]

    initial = False

    operations = [
        ops.RunSQL(
            [
                REFUSE,
                *(
                    f'CREATE TRIGGER {table}_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}'
                    ' FOR EACH STATEMENT EXECUTE FUNCTION institutions_refuse()'
                    for table in TABLES
                ),
            ],
            reverse_sql=[
                *(f'DROP TRIGGER {table}_refuse ON {table}' for table in TABLES),
                'DROP FUNCTION institutions_refuse()',
            ],
        ),
    ]
