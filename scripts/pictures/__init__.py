"""Pictures of phone and console for the README, taken from the running demo by a browser."""
