"""What whoever watches over the service reads of all areas: what the things are called that the
audit log (domain/audit) speaks of."""
