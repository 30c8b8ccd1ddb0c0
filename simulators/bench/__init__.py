"""The test bench: the whole simulated hall in one page, mounted on the back door.

GET  /             the page              GET  /bench/{file}   its script and style
GET  /hall.json    who stands where      GET  /people         citizens and staff: rates and counts
POST /citizens     {"per_minute": 12}    POST /staff          {"on": true, "pace": 10}
"""

from simulators.bench.mounting import mount

__all__ = ["mount"]
