"""What staff saw and did, in a log that nobody can change without being found out.

An action records in its own transaction (log.record); the chain is closed by PostgreSQL when the
transaction commits (models/audit.py, docs/decisions/0021).
"""
