"""Storms: days of a hall under a seed, without an event loop, with people who hold paper and look at panels.

    python -m storm --seconds 60            as many seeds as fit
    python -m storm --seed 123              one seed again; prints its trace when something broke

The real keeper (controller/shell) decides and speaks over a journal in memory; the real folding of presses, the real
order of views on a panel and the real slip texts are around it. What has an event loop in it (asking, the kiosk's
press) is acted here by the same protocol. How to read it:

    weather.py   what a seed draws: the plan, the people, the faults
    world.py     one heap of (time, turn, action)
    disk.py      the journal in memory: durable, or lost with the crash
    keeping.py   the controller, crashed and started again
    wires.py     messages lost, doubled, late; asking until answered
    kiosks.py    machines, printers, slips
    windows.py   keypads, panels and the staff behind them
    people.py    citizens, a guide, a supervisor
    voices.py    the loudspeaker
    strangers.py letters nobody should send
    edge.py      what is checked, where people look
    judge.py     the offline judge (audit) over what was kept
    day.py       a seed from its morning to a quiet evening
    telling.py   days, faults, stages; how a seed broke
"""
