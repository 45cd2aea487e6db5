"""What staff saw and did: append-only, each entry chained to the one before (docs/decisions/0021).

PostgreSQL refuses to change or delete rows of both tables, and writes the links by itself when
the transaction of an entry commits; migrations hold the triggers.
"""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.columns import OpaqueId

#: Characters.
ACTOR_LENGTH = 64
ROLE_LENGTH = 32
EVENT_LENGTH = 64
ABOUT_KIND_LENGTH = 32


class AuditEntry(Model):
    """One thing that somebody saw or did. Nothing in it leads to a person but ids of ours."""

    id = OpaqueId()
    at = fields.DatetimeField()
    #: Actor.key: "staff 0190…".
    actor = fields.CharField(max_length=ACTOR_LENGTH)
    role = fields.CharField(max_length=ROLE_LENGTH)
    #: "noun.verb", as "person.reveal".
    event = fields.CharField(max_length=EVENT_LENGTH)
    #: What it was about: "person" and the row's id; "" and null for nothing in particular.
    about_kind = fields.CharField(max_length=ABOUT_KIND_LENGTH, default="")
    about_id = fields.UUIDField(null=True)
    facts = fields.JSONField[dict[str, object]](default=dict)
    #: SHA-256 over all of the above (domain.audit.rules.digest_of).
    digest = fields.BinaryField()

    class Meta:
        table = "audit_entries"
        indexes = (
            Index(fields=("at", "id")),
            Index(fields=("actor", "at", "id")),
            Index(fields=("event", "at", "id")),
            Index(fields=("about_id", "at", "id")),
        )
        constraints = (
            CheckConstraint(check="octet_length(digest) = 32", name="audit_entries_digest_length"),
            CheckConstraint(
                check="(about_kind = '') = (about_id IS NULL)", name="audit_entries_about_whole"
            ),
        )


class AuditLink(Model):
    """The place of one entry in the chain, in the order in which their transactions ended."""

    #: From 1, without a gap; the trigger counts, not the sequence that the column comes with.
    position = fields.BigIntField(primary_key=True)
    entry_id = fields.UUIDField(unique=True)
    #: SHA-256 of the link's hash before (32 zero bytes for the first) and the entry's digest.
    hash = fields.BinaryField()

    class Meta:
        table = "audit_links"
        constraints = (
            CheckConstraint(check="octet_length(hash) = 32", name="audit_links_hash_length"),
        )
