"""Handing a trained network to others: written, described, and proved to answer as it does here.

Start at `export_run.py`. The formats offered are in `core.catalog.export_formats`; how a network is
written is the engine's business (`engine/exporters`). The sample code that goes with each file, and
proves it, is in `resources/export`.
"""
