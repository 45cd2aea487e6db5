"""The console's pages of check-ins (签到): who was where when, and what waits to be confirmed."""
