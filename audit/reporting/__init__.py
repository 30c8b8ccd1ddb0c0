"""`hall report`: what a day, or a span of days, came to, per hall, queue, window, staff and hour.

    happening.py  the events of the days asked for, folded once more, into facts: (kind, where, who, when, how much)
    idling.py     how long windows stood idle while people they may serve waited
    summing.py    the facts in a table of their own, and the sums and percentiles of each row of a report
    telling.py    as text and CSV           page.py, charts.py   as a page that needs no network
    door.py       what was asked

The sums must equal those of `hall verify`, which folds the same journal in another way; a test compares them.
"""
