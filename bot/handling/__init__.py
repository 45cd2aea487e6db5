"""What a message needs that cannot be answered at once: a turn, a step of a talk, time."""
