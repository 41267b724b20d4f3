"""CNN Studio: sort pictures into classes, train a network on them, and use it, all on one computer.

Three layers live here. `core` says what the application is about, `engine` computes it with
TensorFlow, `ui` shows it with Qt; `engine` and `ui` know nothing of each other. `app.py` and
`cli.py` are the only modules that join them. Logic does not belong in this file or beside it.

Start reading at `cli.py` for the command line, at `app.py` for the window, and at
`core/project.py` for the value that everything is about.
"""
