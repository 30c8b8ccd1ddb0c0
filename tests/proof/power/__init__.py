"""Power that goes in mid-write: a file system for SQLite that remembers what was synced and what was not.

recording.py   the VFS (APSW): every write, truncate, delete and sync, in order, beside the real files
states.py      what a disk may hold after the power went: all that was synced, some of the rest, some of it torn
"""
