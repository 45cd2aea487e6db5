"""Accounts of the console, their sessions, and resets that two officers decide."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from models.columns import DigestField, OpaqueId, SealedField
from models.people import COUNTY_LENGTH

#: Characters.
USERNAME_LENGTH = 32
DEVICE_LENGTH = 80


class StaffAccount(Model):
    """Somebody who may sign in to the console, in one role. Never deleted: entries of the audit
    log name it."""

    id = OpaqueId()
    username = fields.CharField(max_length=USERNAME_LENGTH, unique=True)
    #: What colleagues call them, sealed.
    name_sealed = SealedField()
    #: A value of domain.actor.Role.
    role = fields.CharField(max_length=16)
    #: Whose county they work for; "" for the whole city.
    county = fields.CharField(max_length=COUNTY_LENGTH, default="")
    #: The institution that one in the role of an institution acts for.
    institution_id = fields.UUIDField(null=True)
    #: Argon2id, in the form that names its own parameters.
    password_hash = fields.CharField(max_length=200)
    password_set_at = fields.DatetimeField()
    #: Until when a temporary password is good; null for one that its owner has chosen.
    temporary_until = fields.DatetimeField(null=True)
    #: Of the second factor (TOTP), sealed; null until it is set up.
    totp_sealed: fields.Field[bytes | None] = SealedField(null=True)
    #: The last time step whose code was taken: each is good once.
    totp_step = fields.BigIntField(default=0)
    #: Seeded by the demo with a password that everybody knows: signs in within the sandbox only.
    demo = fields.BooleanField(default=False)
    disabled_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "staff_accounts"
        indexes = (Index(fields=("county", "username", "id")),)
        constraints = (
            CheckConstraint(
                check="role <> 'county_officer' OR county <> ''", name="staff_accounts_county"
            ),
            CheckConstraint(
                check="(role = 'institution') = (institution_id IS NOT NULL)",
                name="staff_accounts_institution",
            ),
        )


class StaffSession(Model):
    """One browser that is signed in, or on the way. Deleted when it ends."""

    id = OpaqueId()
    account: fields.ForeignKeyRelation[StaffAccount] = fields.ForeignKeyField(
        "models.StaffAccount", related_name="sessions", on_delete=fields.OnDelete.CASCADE
    )
    #: SHA-256 of what the cookie holds.
    token_hash = DigestField(unique=True)
    started_at = fields.DatetimeField()
    #: The last request, to a minute.
    seen_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(db_index=True)
    #: Signed in; until then it is good for the steps that are left and for nothing else.
    complete = fields.BooleanField(default=False)
    #: The code of the second factor was right.
    code_passed = fields.BooleanField(default=False)
    codes_failed = fields.IntField(default=0)
    #: The second factor that is being set up, sealed.
    totp_sealed: fields.Field[bytes | None] = SealedField(null=True)
    #: As the browser calls itself, in short: "Edge · Windows".
    device = fields.CharField(max_length=DEVICE_LENGTH, default="")

    class Meta:
        table = "staff_sessions"


class StaffReset(Model):
    """A lost password or second factor: asked for by one officer, decided by another."""

    id = OpaqueId()
    account: fields.ForeignKeyRelation[StaffAccount] = fields.ForeignKeyField(
        "models.StaffAccount", related_name="resets", on_delete=fields.OnDelete.RESTRICT
    )
    #: What is lost: password, second_factor, both.
    what = fields.CharField(max_length=16)
    #: How the officer knows that it is them who ask, sealed.
    reason_sealed = SealedField()
    #: StaffAccount.id of both officers.
    asked_by = fields.UUIDField()
    asked_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    decided_by = fields.UUIDField(null=True)
    decided_at = fields.DatetimeField(null=True)
    #: open -> confirmed | refused
    status = fields.CharField(max_length=12, default="open")

    class Meta:
        table = "staff_resets"
        indexes = (Index(fields=("status", "asked_at", "id")),)
        constraints = (
            CheckConstraint(
                check="what IN ('password', 'second_factor', 'both')", name="staff_resets_what"
            ),
            CheckConstraint(
                check="status IN ('open', 'confirmed', 'refused')", name="staff_resets_status"
            ),
            CheckConstraint(
                check="(status = 'open') = (decided_by IS NULL)", name="staff_resets_decided"
            ),
            CheckConstraint(
                check="decided_by IS NULL OR decided_by <> asked_by", name="staff_resets_two"
            ),
        )


class SignInAttempts(Model):
    """Failures to sign in that are counted together (domain.staff.attempts); lives for a day."""

    #: Blind index of what is counted: a name and whence it was tried, or a name alone.
    key = DigestField(primary_key=True)
    failures = fields.IntField()
    last_at = fields.DatetimeField(db_index=True)
    #: Nothing is tried before.
    paused_until = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_attempts"
        constraints = (
            CheckConstraint(check="octet_length(key) = 16", name="staff_attempts_key_length"),
        )
