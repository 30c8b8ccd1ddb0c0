"""The voice of a hall: calls spoken in order, each once, never cut, never late. It delays nothing else."""
