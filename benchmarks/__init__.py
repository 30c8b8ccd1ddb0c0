"""How fast the house is, against baselines of the same run: `make bench`. Never part of the tests.

Each case gives figures by name; a figure is the median of several rounds, and where it makes sense a ratio to a bare
loop that does only the unavoidable part (append and fsync; publish through the same broker). Read ratios first: these
machines are shared and noisy.
"""
