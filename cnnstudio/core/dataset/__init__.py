"""Reading pictures: opening and orienting them, scanning folders, splitting, checking.

Everything here leaves the disk as it found it; what writes belongs in `storage`. Nothing here
knows about training.

Start reading at `images.py`, the one place where a picture file becomes pixels.
"""
