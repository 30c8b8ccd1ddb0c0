"""python -m controller: the same door as `hall controller`."""

import sys

from controller.room import main

sys.exit(main())
