"""The pages of the Evaluate step, one per file.

`page.py` says what a page is; `panels/evaluate_panel.py` chooses what they show. A page listens to
nothing but what it is handed and the session.
"""
