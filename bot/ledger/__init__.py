"""Every message once, and one person's in order: in Redis, or in this process meanwhile."""
