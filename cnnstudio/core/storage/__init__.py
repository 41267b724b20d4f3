"""Writing: the project file, run folders, moves of picture files, settings.

Every write is atomic and every move of several files happens wholly or not at all. What the
written values mean belongs in the modules of `core`; reading pictures belongs in `dataset`.

Start reading at `atomic.py`.
"""
