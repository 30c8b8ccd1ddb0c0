"""The supervisor's console: watches the halls of a site, trouble first, and acts through the same commands as everyone."""
