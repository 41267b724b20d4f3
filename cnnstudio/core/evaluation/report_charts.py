"""The charts of a report card, as SVG that needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from cnnstudio.core.evaluation.calibration import Calibration
from cnnstudio.core.events import EpochEnded

WIDTH, HEIGHT = 330, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 24, 12, 34
_ACCENT, _MUTED, _LINE, _GOOD, _TEXT = "#2563EB", "#5C6672", "#E1E4E9", "#15803D", "#1B1F24"


def accuracy_chart(history: Sequence[EpochEnded], best_epoch: int) -> str:
    """Return training (dashed) and validation accuracy over the epochs, the kept one marked."""
    last = max(len(history), 2)

    def x(epoch: float) -> float:
        return _across((epoch - 1) / (last - 1))

    marks = sorted({1, (last + 1) // 2, last})
    parts = [_frame([(x(mark), f"{mark}") for mark in marks], "epoch")]
    training = [(x(each.epoch), _up(each.accuracy)) for each in history]
    validation = [(x(each.epoch), _up(each.validation_accuracy)) for each in history]
    parts.append(_polyline(training, _MUTED, "4 3"))
    parts.append(_polyline(validation, _ACCENT))
    best = next((each for each in history if each.epoch == best_epoch), None)
    if best is not None:
        across, up = x(best.epoch), _up(best.validation_accuracy)
        parts.append(f'<circle cx="{across:.1f}" cy="{up:.1f}" r="4" fill="{_GOOD}"/>')
        anchor = "end" if across > WIDTH * 0.6 else "start"
        shift = -8 if anchor == "end" else 8
        parts.append(
            _text(across + shift, min(up + 16, HEIGHT - _BOTTOM - 4), "kept", _GOOD, anchor)
        )
    return _svg(parts, "Accuracy by epoch: training dashed, validation solid")


def calibration_chart(calibration: Calibration) -> str:
    """Return how often it was right (upwards) when it was so sure (to the right)."""
    shares = (0.0, 0.5, 1.0)
    parts = [_frame([(_across(share), f"{share:.0%}") for share in shares], "how sure it was")]
    parts.append(_polyline([(_across(0), _up(0)), (_across(1), _up(1))], _MUTED, "4 3"))
    most = max(each.count for each in calibration.bins)
    for each in calibration.bins:
        across = _across(each.confidence)
        low, high = _up(each.interval[0]), _up(each.interval[1])
        parts.append(
            f'<line x1="{across:.1f}" x2="{across:.1f}" y1="{low:.1f}" y2="{high:.1f}"'
            f' stroke="{_ACCENT}" stroke-width="1"/>'
        )
        radius = 2.5 + 4 * (each.count / most) ** 0.5
        parts.append(
            f'<circle cx="{across:.1f}" cy="{_up(each.accuracy):.1f}" r="{radius:.1f}"'
            f' fill="{_ACCENT}"/>'
        )
    return _svg(parts, "How often it was right against how sure it was")


def _across(share: float) -> float:
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def _up(share: float) -> float:
    share = min(max(share, 0.0), 1.0) if share == share else 0.0
    return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)


def _frame(marks: Sequence[tuple[float, str]], below: str) -> str:
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        up = _up(share)
        parts.append(
            f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{up:.1f}" y2="{up:.1f}"'
            f' stroke="{_LINE}" stroke-width="1"/>'
        )
        parts.append(_text(_LEFT - 6, up + 4, f"{share:.0%}".replace("%", " %"), _MUTED, "end"))
    parts += [
        _text(across, HEIGHT - _BOTTOM + 15, words.replace("%", " %"), _MUTED, "middle")
        for across, words in marks
    ]
    parts.append(_text((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 5, below, _MUTED, "middle"))
    return "".join(parts)


def _text(x: float, y: float, words: str, colour: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" font-family="sans-serif" fill="{colour}"'
        f' text-anchor="{anchor}">{escape(words)}</text>'
    )


def _polyline(points: Sequence[tuple[float, float]], colour: str, dashes: str = "") -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'


def _svg(parts: Sequence[str], title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
