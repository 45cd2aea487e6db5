"""The platform: its API for accounts, with its own codes, limits and windows, and what it keeps."""
