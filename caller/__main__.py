"""python -m caller A: the same door as `hall caller A`."""

import sys

from caller.room import main

sys.exit(main())
