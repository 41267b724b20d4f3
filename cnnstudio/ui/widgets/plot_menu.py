"""`without_menu`: a plot that has no context menu, and leaves none behind."""

from __future__ import annotations

import pyqtgraph as pg


def without_menu(plot: pg.PlotWidget) -> None:
    """Take a plot's context menu away.

    PyQtGraph makes a menu of 28 widgets for every plot and gives it no window: left alone it
    outlives the plot, and each change of the look reaches all that were ever made.
    """
    plot.plotItem.setMenuEnabled(False)
    plot.destroyed.connect(plot.plotItem.ctrlMenu.deleteLater)
