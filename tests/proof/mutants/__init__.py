"""Mutants: bugs of the kinds such systems have, planted in a copy of the product, each to be found by the storm.

    python -m mutants                 all of them, a table: mutant, promise, seconds
    python -m mutants lifo wraps      some

A mutant is a few words of a file and what stands there instead (`planted.py`). It is planted in a copy in a temporary
folder, never here; a mutant whose words are no longer in the file is an error, one that nobody finds in SECONDS too.
"""
