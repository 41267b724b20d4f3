"""The pages of the Look inside step."""
