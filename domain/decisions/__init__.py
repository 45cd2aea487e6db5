"""Deciding on what people ask officers for (domain/requests): an approval does it, in the area that
it is about."""
