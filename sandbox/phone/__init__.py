"""The phone in the browser: what people do on it, how that reaches the service, what they see."""
