"""WeChat's envelope and XML, and a message in the platform's own terms."""
