"""The controller decides: a pure core inside a shell that writes down before it speaks."""
