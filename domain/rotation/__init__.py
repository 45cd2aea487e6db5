"""A new key for what is sealed, row by row, while people use it."""
