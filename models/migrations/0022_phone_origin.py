from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

#: Of what was kept before: what WeChat has checked of the person's own, and what was told.
KNOWN = """
    UPDATE people SET phone_origin = CASE WHEN EXISTS (
        SELECT FROM identities i WHERE i.person_id = people.id
            AND i.phone_index = people.phone_index AND i.index_key_id = people.index_key_id
    ) THEN 'wechat' ELSE 'told' END
    WHERE phone_sealed IS NOT NULL
"""


class Migration(migrations.Migration):
    """Where a person's phone came from: what others told proves nothing (0025)."""

    dependencies = [('models', '0021_one_keeper')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Person',
            name='phone_origin',
            field=fields.CharField(default='', db_default='', description='Who says that the phone is theirs: "wechat" has checked it, or an "officer" has decided it;', max_length=8),
        ),
        # The database's own default was for the rows that are there.
        ops.AlterField(
            model_name='Person',
            name='phone_origin',
            field=fields.CharField(default='', description='Who says that the phone is theirs: "wechat" has checked it, or an "officer" has decided it;', max_length=8),
        ),
        ops.RunSQL(KNOWN, reverse_sql=ops.RunSQL.noop),
        ops.AddConstraint(
            model_name='Person',
            constraint=CheckConstraint(check="phone_origin IN ('', 'told', 'wechat', 'officer')", name='people_phone_origin'),
        ),
    ]
