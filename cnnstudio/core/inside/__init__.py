"""What can be seen of a network and of its features from the inside."""
