"""Models that were made elsewhere: what they are, how pictures go in, and how one becomes a run.

`found_model` is what a look at a file finds, `feeding` how it is asked, `trying` finds out which
scaling it was made for, `importing` makes the run. What runs them is in `engine/foreign`.
"""
