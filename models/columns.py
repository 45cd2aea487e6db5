"""Column types of ours."""

from tortoise import fields


class DigestField(fields.BinaryField[bytes]):
    """A digest of 16 bytes (a blind index, a message key) that may be unique and indexed.

    tortoise refuses indexes on BinaryField because other databases do; PostgreSQL's bytea takes
    them.
    """

    indexable = True
