"""Reusable parts of panels and dialogs.

A widget knows neither the session nor the engine: it is given values, and says by a signal what
the user did. What combines widgets into a working step belongs in `panels`.

Start reading at any file: each stands on its own.
"""
