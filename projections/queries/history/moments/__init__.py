"""When something changed: the notches of the sliders, and the mementos of an address."""
