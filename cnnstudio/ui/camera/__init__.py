"""Live pictures of a webcam, and bursts of them recorded into a project.

A `FrameSource` gives pictures, a `Shutter` says when to record, a `BurstRecorder` writes them on a
thread of its own. Only `qt_camera` knows QtMultimedia, and it is imported when a camera is opened:
most people never use one. What is painted belongs in `widgets`, the dialog in `dialogs`.

Start reading at `frame_source.py`.
"""
