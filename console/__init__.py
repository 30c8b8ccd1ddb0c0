"""The supervisor's console: watches the halls of a site, trouble first, and acts by the commands everyone uses."""
