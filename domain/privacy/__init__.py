"""The rights of a person over what all areas hold of them: to see it, to take a copy, to end it."""
