"""python -m audit: the same door as `hall ticket`."""

import sys

from audit.door import main

sys.exit(main())
