from tortoise import migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    """What a unique constraint of the models cannot say: of some rows only one."""

    dependencies = [('models', '0020_training')]

    initial = False

    operations = [
        # A firm has one keeper at most (domain/employers).
        ops.RunSQL(
            "CREATE UNIQUE INDEX employer_contacts_one_keeper ON employer_contacts (employer_id)"
            " WHERE keeper",
            reverse_sql="DROP INDEX employer_contacts_one_keeper",
        ),
        # One open request of one asker, kind and thing (domain/requests).
        ops.RunSQL(
            "CREATE UNIQUE INDEX requests_one_open ON requests (asked_by, kind, about)"
            " WHERE state = 'asked'",
            reverse_sql="DROP INDEX requests_one_open",
        ),
    ]
