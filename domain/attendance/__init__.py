"""Check-in (签到) and what comes of it: who was where when, hours, rates."""
