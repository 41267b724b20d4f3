"""The health check: what is measured of pictures, and what is wrong or doubtful about them.

Each module here looks at one kind of fault and gives findings. Nothing is decided here: what is
done about a finding belongs in `core/fixes.py`. Only `measuring` sees pixels.

Start reading at `findings.py`, then at `dataset/checks.py`, which asks them all.
"""
