"""``python -m targetboard``: the same as the ``targetboard`` command."""

import sys

from targetboard.cli import main

sys.exit(main())
