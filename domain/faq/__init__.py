"""Questions about policy: found, answered with their source, judged against the date."""
