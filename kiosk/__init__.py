"""The ticket machine: a touch page on its own loopback, and paper.

Follow a touch: `door` takes it, `issuing` asks the controller for a number, `printing` brings the slip onto paper
through `paper` (the printer on its line), `menu` tells the page how things stand. `machine` joins them.
"""
