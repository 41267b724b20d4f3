"""How it looks: the window and what runs behind it without TensorFlow.

Everything that needs Qt belongs here. The open project changes only through the session, and
computing is asked of the engine protocol in `cnnstudio.core.engine_api`, never of `engine`.

Start reading at `main_window.py`, then `session.py` and `jobs.py`.
"""
