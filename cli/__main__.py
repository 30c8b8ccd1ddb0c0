"""`python -m cli`: the same door as `hall`."""

from cli.main import main

main()
