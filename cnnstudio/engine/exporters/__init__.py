"""Writes trained networks in the formats of `core.catalog.export_formats`.

Start at `exporter.py`. What is exported is made in `network.py`; what travels inside a file is put
there in `enclosing.py`. Facts, sample code and proof are none of the engine's business: see
`core/exporting`.
"""
