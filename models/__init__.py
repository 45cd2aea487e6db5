"""What is kept: one file per area, with the rules that PostgreSQL enforces beside the fields."""

#: Every module with tables; the migrations and the connection are made from this list.
MODEL_MODULES = (
    "models.attendance",
    "models.accounts",
    "models.audit",
    "models.employers",
    "models.enrolments",
    "models.files",
    "models.idempotency",
    "models.final_tests",
    "models.institutions",
    "models.messages",
    "models.notices",
    "models.people",
    "models.standards",
    "models.staff",
    "models.requests",
    "models.sheets",
    "models.training",
)
