"""python -m displays A: the same door as `hall displays A`."""

import sys

from displays.room import main

sys.exit(main())
