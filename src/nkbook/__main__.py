"""Run the command line with `python -m nkbook`."""

from nkbook.cli import main

main(prog_name="nkbook")
