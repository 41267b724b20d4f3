"""What travels with an exported model, in it and beside it: `model.json` and `labels.txt`."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Sequence
from typing import Any

from cnnstudio.core.catalog.backbones import backbone_of
from cnnstudio.core.catalog.export_formats import ExportFormat
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.dataset.images import PADDING
from cnnstudio.core.evaluation.caution import Caution
from cnnstudio.core.exporting.network_names import DISTANCE, PICTURES, PROBABILITIES
from cnnstudio.core.file_names import legible
from cnnstudio.core.metrics import wilson_interval
from cnnstudio.core.runs import Run
from cnnstudio.core.training import program_version

CARD_FILE = "model.json"
LABELS_FILE = "labels.txt"
SCHEMA_VERSION = 1
NOT_IN_THIS_FORMAT = (
    "Pictures unlike the training pictures are not noticed: in this format they cannot be."
)

_BACKGROUND = (255, 255, 255)


def model_card(run: Run, caution: Caution | None, form: ExportFormat) -> dict[str, Any]:
    """Return what `model.json` holds, in JSON's own types.

    File names that are no text have their odd bytes spelled out, as everywhere.
    """
    distance = asks_for_distance(caution)
    told = distance and form.tells_distance
    familiarity = caution.familiarity if caution and told else None
    temperature = caution.temperature if caution else None
    return {
        "format": "cnnstudio-model",
        "schema_version": SCHEMA_VERSION,
        "name": legible(run.name),
        "created": run.created.isoformat(),
        "program_version": program_version(),
        "versions": dict(versions_of(("tensorflow", "keras", *form.packages))),
        "class_names": [legible(each) for each in run.class_names],
        "class_titles": [legible(each) for each in run.class_titles],
        "input": {
            "name": PICTURES,
            "size_px": run.config.training.image_size,
            "layout": "NHWC",
            "dtype": "float32",
            "range": [0, 255],
        },
        "resize": {
            "mode": run.config.training.resize_mode,
            "padding": list(PADDING),
            "background": list(_BACKGROUND),
        },
        "outputs": {"probabilities": PROBABILITIES, "distance": DISTANCE if told else None},
        "not_sure": {
            "least_probability": caution.least_probability if caution else 0.0,
            "farthest": familiarity.farthest if familiarity else None,
            "left_out": NOT_IN_THIS_FORMAT if distance and not told else "",
        },
        "temperature": temperature.value if temperature else None,
        "temperature_is_applied": False,
        "test": _test(run),
        "backbone": _backbone(run),
        "imported_from": legible(run.imported_from) or None,
    }


def card_text(card: dict[str, Any]) -> str:
    """Return the text of `model.json`."""
    return json.dumps(card, indent=2, ensure_ascii=False) + "\n"


def labels_text(card: dict[str, Any]) -> str:
    """Return the text of `labels.txt`: a class a line, in the order of the answers."""
    return "".join(f"{' '.join(title.split())}\n" for title in card["class_titles"])


def asks_for_distance(caution: Caution | None) -> bool:
    """Whether a run hands back pictures that are unlike its training pictures."""
    return bool(caution and caution.familiarity and caution.hands_back_unfamiliar)


def versions_of(packages: Sequence[str]) -> list[tuple[str, str]]:
    """Return the packages that are installed, each once, with their versions."""
    found = {}
    for name in packages:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:  # under another name, as on some systems
            continue
    return list(found.items())


def _test(run: Run) -> dict[str, Any]:
    """Return how often a run was right, with the 95 % interval; None where unknown."""
    accuracy, count = run.test_accuracy, run.counts.get("test", 0)
    interval = None
    if accuracy is not None and count:
        interval = [*wilson_interval(round(accuracy * count), count)]
    return {"accuracy": accuracy, "interval": interval, "pictures": count}


def _backbone(run: Run) -> dict[str, str] | None:
    if run.is_imported or training_preset(run.config.preset).footing == "scratch":
        return None
    row = backbone_of(run.config.transfer.backbone)
    return {"name": row.label, "licence": row.licence, "source": row.source}
