"""The `hall` program: thin; it starts rooms as processes and imports none of them."""
