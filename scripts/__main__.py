"""`python -m scripts` is `zpt`."""

from scripts.zpt import main

main()
