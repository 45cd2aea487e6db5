"""What the demo's files below `var/` are called, for whoever only asks whether they are there."""

DEMO_FILE = "demo.json"
