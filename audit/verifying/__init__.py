"""`hall verify`: judges a hall's journal, and what its devices showed, against the promises of docs/invariants.md.

Written apart from the core, on purpose: numbers, order, lanes, moves and the hash chain are worked out here a second
time from plain JSON, so that a mistake of the core is not repeated by its judge. How to read it:

    source.py    the journal's rows, read-only, a page at a time       chaining.py  seq, hash chain, epochs, anchor
    plans.py     what of a plan matters here                           books.py     how the hall stands
    following.py one event after the other, by: days, issuing, tickets, ordering, choosing, slips, people
    tracing.py   traces of devices, line by line                       edge.py      paper, panels, presses
    voices.py    what was spoken, against the calls
    verdicts.py  holds, broken (with counter-examples), not judged     judging.py   all of it over one journal
"""
