"""The choices that are offered, as tables: augmentations, presets, each with its parameters.

A new choice is one row here and one builder in `engine`; forms and sliders are drawn from the
rows. How a choice is computed does not belong here, nor how it looks.

Start reading at any table; `cnnstudio.core.parameters` says what a row's parameters are.
"""
