"""What the sandbox is filled with, so that everything can be tried: people, and what they do.

An area (demo/areas.py) seeds its part at every start of the demo and describes it in
`var/demo.json`. Nothing of it runs beside a real account.
"""
