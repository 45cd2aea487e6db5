"""The outside, each as an interface and the real client."""
