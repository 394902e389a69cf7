"""python -m koble: the command line."""

from .cli import main

main()
