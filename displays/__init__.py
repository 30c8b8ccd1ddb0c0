"""What the hall shows: the LED panels above the windows."""
