"""Pictures of the phone for the README, taken from the running demo by a headless browser."""
