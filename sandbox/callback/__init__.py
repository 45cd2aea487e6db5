"""What the platform posts to a service, and how it reads the answer."""
