"""What a network is made of, what its layers see, and its arithmetic by hand."""
