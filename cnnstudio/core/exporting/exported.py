"""What became of a run in one format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core.catalog.export_formats import ExportFormat
from cnnstudio.core.errors import StudioError
from cnnstudio.core.exporting.draft import ExportDraft
from cnnstudio.core.exporting.parity import Parity

ASKED_OUTSIDE_A_BROWSER = (
    "Its network was asked by ONNX Runtime; in a browser the page makes the pictures ready itself."
)


@dataclass(frozen=True)
class Exported:
    """An export: handed over, held back, thrown away, or one that could not be made.

    `target` is the folder or archive that it is or would be. `parity` is None where there were no
    pictures to prove it by. `milliseconds` a picture takes here, in the median, once it is made
    ready; `phone_milliseconds` is an estimate for the CPU of a phone of 2019 (Pixel 4), from the
    multiplications alone, and None for formats that phones do not run. `left_out` says what the
    format cannot do. `problem` says why there is none.
    """

    format: ExportFormat
    target: Path
    parity: Parity | None = None
    size_bytes: int = 0
    parameters: int = 0
    milliseconds: float | None = None
    phone_milliseconds: float | None = None
    left_out: str = ""
    problem: str = ""
    draft: ExportDraft | None = None

    @property
    def is_proved(self) -> bool:
        """Whether it was seen to answer as the window does."""
        return self.parity is not None and self.parity.is_within

    @property
    def is_held_back(self) -> bool:
        """Whether it waits for `release` or `discard`."""
        return self.draft is not None and self.draft.is_open

    @property
    def is_handed_over(self) -> bool:
        """Whether it is at its target."""
        return self.draft is not None and self.draft.was_released

    @property
    def words(self) -> str:
        """What the proof said, in a sentence or two."""
        if self.problem:
            return self.problem
        if self.parity is None:
            return "Not proved: none of the run's pictures is there, as it was, to compare by."
        said = f"{self.parity.words} ({self.parity.part_words})."
        if not self.parity.is_within:
            said += f" {self.parity.limit_words}"
        if self.parity.tolerance is None:
            said += f" {self.parity.accuracy_words}."
        asked = ASKED_OUTSIDE_A_BROWSER if self.format.page else ""
        return " ".join(each for each in (said, asked, self.left_out) if each)

    @property
    def facts(self) -> str:
        """Size, parameters and pace: "16.1 MB, 3,413,024 parameters, 8 ms a picture here"."""
        said = [f"{self.size_bytes / 1e6:,.1f} MB", f"{self.parameters:,} parameters"]
        if self.milliseconds is not None:
            said.append(f"{milliseconds_words(self.milliseconds)} a picture here")
        if self.phone_milliseconds is not None:
            said.append(
                f"about {milliseconds_words(self.phone_milliseconds)} on a phone (estimate)"
            )
        return ", ".join(said)

    def release(self) -> Path:
        """Hand it over, on the user's word, and return where it is. It takes no time.

        Raises:
            StudioError: there is none, or something has come to its place meanwhile.
        """
        if self.draft is None or not (self.draft.is_open or self.draft.was_released):
            raise StudioError(f"There is no export as {self.format.label} any more.")
        return self.draft.release()

    def discard(self) -> None:
        """Throw it away, unless it is handed over."""
        if self.draft is not None:
            self.draft.discard()


def milliseconds_words(milliseconds: float) -> str:
    """Return a short time: "<1 ms", "8.2 ms", "31 ms"."""
    if milliseconds < 1:
        return "<1 ms"
    return f"{milliseconds:,.1f} ms" if milliseconds < 10 else f"{milliseconds:,.0f} ms"
