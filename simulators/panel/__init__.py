"""LED panels above the windows: one folder per maker's card."""
