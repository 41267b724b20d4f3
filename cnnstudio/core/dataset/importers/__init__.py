"""Where pictures come from: one module for each kind of source.

A kind that can be dropped is a module with two functions, listed in `importing.KINDS`:
`recognises(path, head)` tells from the first bytes (and, where those say nothing, the ending)
whether it is this kind's, and `look(path, gathering)` says what is in it without copying anything.
What can be read only in one go (an archive, a video) has a third one that gives the content of
the pictures chosen, in one pass. Nothing here writes.

Start reading at `gathering.py`, which they all fill; `names.py` and `archive.py` hold what keeps
hostile archives out.
"""
