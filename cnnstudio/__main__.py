"""Lets `python -m cnnstudio` be the command line, as the script `cnnstudio` is."""

from __future__ import annotations

from cnnstudio.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
