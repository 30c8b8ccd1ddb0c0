"""Staff at the windows: when the bench switches them on, they press the keys of their keypads as people would."""
