"""What is said when a camera gives no picture, and what to do about it on this system."""

from __future__ import annotations

import sys

from cnnstudio.core.errors import StudioError

_PERMISSION = {
    "darwin": "Allow it in System Settings, Privacy & Security, Camera, and start again.",
    "win32": "Allow it in Settings, Privacy & security, Camera, also for desktop apps.",
}
_ON_LINUX = "Your account may have to be in the group “video”: ask who looks after the computer."
_BUSY = "Close other programs that may use it, such as a video call, then try again."


def none_found() -> StudioError:
    """No camera is plugged in, or the system shows none to this program."""
    return StudioError(
        "No camera was found.",
        "Plug one in: it is noticed by itself. "
        f"If there is one already, the system may hide it. {_permission()}",
    )


def not_allowed() -> StudioError:
    """The system or the person said no."""
    return StudioError("This program is not allowed to use the camera.", _permission())


def does_not_start(reason: str) -> StudioError:
    """The camera is there and cannot be opened; `reason` is the system's own, or empty."""
    said = f" The system says: {reason.strip().rstrip('.')}." if reason.strip() else ""
    return StudioError("The camera does not start.", f"{_BUSY}{said}")


def no_picture() -> StudioError:
    """The camera says that it runs, and nothing comes."""
    return StudioError(
        "The camera sends no picture.", f"{_BUSY} If that does not help, plug it in again."
    )


def pulled_out() -> StudioError:
    """The camera was there and is gone."""
    return StudioError("The camera was unplugged.", "Plug it in again: it is noticed by itself.")


def cannot_be_used(reason: str) -> StudioError:
    """The libraries for cameras cannot be loaded."""
    hint = "Pictures taken with another program can be added with Add pictures."
    if "libpulse" in reason:
        hint = f"Install the system package libpulse0 and start the program again. {hint}"
    return StudioError("Cameras cannot be used on this computer.", f"{hint} ({reason})")


def _permission() -> str:
    return _PERMISSION.get(sys.platform, _ON_LINUX)
