"""The quiet middle: decide, evolve, next_wake, views. No clock, no dice, no hands."""
