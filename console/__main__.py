"""python -m console"""

import sys

from console.room import main

sys.exit(main())
