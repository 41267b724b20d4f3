"""What goes on inside a network, in numbers that can be followed by hand."""
