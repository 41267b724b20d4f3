"""What the Images step is made of: one part of its behaviour per module, without widgets.

The parts know the session, and each other as little as can be. Start at `panels/images_panel.py`,
which puts them together; widgets that could stand elsewhere are in `widgets/`.
"""
