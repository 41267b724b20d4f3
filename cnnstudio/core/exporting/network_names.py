"""What the input and the outputs of an exported network are called, in every format."""

PICTURES = "pictures"
PROBABILITIES = "probabilities"
DISTANCE = "distance"
