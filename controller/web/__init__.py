"""The controller's own doors: pages that show a hall's state from memory, and ask for changes like everybody else."""
