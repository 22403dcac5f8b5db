"""``python -m hyperdsl`` is the command ``hyperdsl``."""

import sys

from hyperdsl.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
