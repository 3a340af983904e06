"""``python -m dynviz`` is the same as the console script ``dynviz``."""

import sys

from dynviz.cli import main

if __name__ == "__main__":
    sys.exit(main())
