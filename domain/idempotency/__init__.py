"""A request that comes twice is done once: its first answer is given again."""
