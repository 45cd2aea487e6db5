"""Records that Redis cannot take now: in memory, on the disk, and on to a store."""
