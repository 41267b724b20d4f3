"""The commands of the command line, one file each.

A command reads its options, builds a task of `core`, runs it on the main thread and writes what it
came to: in words for people, as JSON lines for programs. What a command computes belongs in `core`
or `engine`; Qt and TensorFlow are never imported at the top of a module here, so that `--help`
answers at once.

Start reading at `program.py`, which puts them together, then at `output.py`.
"""
