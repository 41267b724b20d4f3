"""How far a run can be trusted: its answers on labelled pictures, and what follows from them.

`evaluation.py` is the value everything here works on; it comes from what a run kept
(`kept_evaluation`) or from asking the run about a folder (`asking.py`). Nothing here trains.
"""
