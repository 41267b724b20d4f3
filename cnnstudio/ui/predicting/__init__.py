"""The parts of the Predict step: asking, the table of answers, sorting, the live camera, watching.

Start reading in `ui/panels/predict_panel.py`, which joins them.
"""
