"""Questions put to the user, one dialog a file.

A dialog returns a value and changes nothing itself: the caller turns the value into an edit or a
job. Anything that stays on screen while people work belongs in `panels`.

Start reading at `new_project_dialog.py`.
"""
