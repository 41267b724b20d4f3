"""What a network is made of, and what its layers see."""
