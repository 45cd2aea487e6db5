"""Files that belong to things: sealed, each with a key of its own."""
