"""``python -m lianzheng.cli``."""

import sys

from lianzheng.cli import main

sys.exit(main())
