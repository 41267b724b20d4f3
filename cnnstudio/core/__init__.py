"""What the application is about: values and pure functions on them.

Here belong projects, edits, configurations, runs, metrics, and the protocol through which the
window talks to an engine. Plain Python, NumPy, Pillow, OpenCV and sqlite3 only: nothing here
imports Qt or TensorFlow, nor knows of `engine` and `ui`.

Start reading at `project.py`, then `edits.py` and `engine_api.py`.
"""
