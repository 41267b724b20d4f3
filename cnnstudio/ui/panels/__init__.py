"""The working steps, one panel a file: images, augment, train, predict.

A panel is given the session and what else it needs, and refreshes what differs when the project
changed. Questions belong in `dialogs`, reusable parts in `widgets`.

Start reading at `images_panel.py`.
"""
