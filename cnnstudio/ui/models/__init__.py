"""Qt item models: what lists, grids and tables show.

A model holds values from `core` and answers the view; it never opens a picture in the GUI thread
and never draws. Drawing belongs in the delegates in `widgets`.

Start reading at `samples_model.py`.
"""
