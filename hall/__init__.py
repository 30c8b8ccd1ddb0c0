"""The words every room shares: names, plan, commands, events, views, topics, codec, ports. Pure: no I/O, no clock.

Read in this order: names, plan/model, commands, events, views, topics, codec, ports.
"""
