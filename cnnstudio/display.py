"""Whether a window can open on this computer, found out before Qt ends the program over it.

Qt aborts the process when it cannot reach a display or load its platform plugin. Nothing here
imports Qt until it has to be tried.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import socket
import sys
from pathlib import Path

PACKAGES_OF_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libXext.so.6": "libxext6",
    "libXrandr.so.2": "libxrandr2",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libdrm.so.2": "libdrm2",
    "libpulse.so.0": "libpulse0",
}
"""The libraries that Qt's windows need on Linux, and the Debian and Ubuntu packages of each.

The same list stands in packaging/linux/qt-libraries.sh; a test holds the two together.
"""


def reason_without_window() -> str | None:
    """Return why no window can open here, as a sentence, or None when there is a display.

    Windows and macOS always have one. On Linux a platform that the user named in
    QT_QPA_PLATFORM is taken as it is, unless it is X11's.
    """
    if not sys.platform.startswith("linux"):
        return None
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    if platform not in ("", "xcb", "wayland"):
        return None
    if platform != "xcb" and _wayland_answers():
        return None
    display = os.environ.get("DISPLAY", "")
    if not display or platform == "wayland":
        return "No window can open: neither DISPLAY nor WAYLAND_DISPLAY leads to a display."
    if not _x11_answers(display):
        return f"No window can open: the display {display} (from DISPLAY) does not answer."
    return None


def missing_qt_libraries() -> str | None:
    """Return the one sentence that says which libraries to install for Qt, or None when all load.

    Imports Qt's widgets to find out.
    """
    try:
        import PySide6.QtWidgets  # noqa: F401 - loads Qt's own libraries and what they need
    except ModuleNotFoundError:
        return "The window needs the Python package PySide6: run pip install pyside6-essentials."
    except ImportError as error:
        return _sentence_about(str(error))
    plugin = _platform_plugin()
    if plugin is None:
        return None
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return _sentence_about(str(error))
    return None


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    if not name:
        return False
    address = Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / name
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(address))
        except OSError:
            return False
    return True


def _x11_answers(display: str) -> bool:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # a missing library, not a missing display; it is reported as such
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(os.fsencode(display), None)
    answers = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return bool(answers)


def _platform_plugin() -> Path | None:
    """Return the plugin Qt would open its windows with on Linux, or None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    if platform not in ("", "xcb") or (not platform and not os.environ.get("DISPLAY")):
        return None
    package = importlib.util.find_spec("PySide6")
    if package is None or package.origin is None:
        return None
    plugin = Path(package.origin).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    return plugin if plugin.is_file() else None


def _sentence_about(error: str) -> str:
    """Return the sentence for a loader's message such as "libEGL.so.1: cannot open shared ..."."""
    library = error.partition(":")[0].strip()
    if not sys.platform.startswith("linux") or ".so" not in library:
        return f"Qt could not be loaded: {error}."
    missing = [each for each in PACKAGES_OF_LIBRARIES if not _loads(each)]
    if library not in missing:
        missing.insert(0, library)
    packages = [PACKAGES_OF_LIBRARIES[each] for each in missing if each in PACKAGES_OF_LIBRARIES]
    if not packages:
        return f"Qt cannot open a window because the system library {library} cannot be loaded."
    return (
        f"Qt cannot open a window because the system library {library} is missing: run"
        f" sudo apt-get install {' '.join(packages)}"
    )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
