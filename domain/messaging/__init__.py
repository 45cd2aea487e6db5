"""Messages between the service and people on WeChat: handled once, in order, kept 90 days."""
