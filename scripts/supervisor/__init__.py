"""Runs the whole service in the foreground: starts, watches, restarts and stops its parts."""
