"""`make bench`: how fast the whole door is, beside a bare handler on the same core."""
