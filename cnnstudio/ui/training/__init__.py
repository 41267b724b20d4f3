"""What the Train step is made of: one part of its behaviour per module, without widgets.

`TrainingQueue` belongs to the session; the other parts know the session, and each other as little
as can be. Start at `panels/train_panel.py`, which puts them together; widgets that could stand
elsewhere are in `widgets/`, pure words and curves in `models/`.
"""
