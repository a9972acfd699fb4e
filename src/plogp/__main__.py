"""`python -m plogp`: the command line where its script isn't on the path."""

from plogp.cli import main

if __name__ == "__main__":
    main()
