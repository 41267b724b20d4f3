"""How soon a loaded network answers, and how many pictures a second."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from cnnstudio.core.config import NetworkConfig
from cnnstudio.engine.keras_engine import KerasEngine
from tests.benchmarks.pictures import CLASS_COUNT, labelled_pictures

SIZE_PX = 224
COUNT = 128


def measure(rounds: int) -> str:
    """Ask the classic network, `rounds` times 20 pictures one by one; return a Markdown table."""
    engine = KerasEngine()
    engine.prepare()
    from cnnstudio.engine.model_file import save_model
    from cnnstudio.engine.network import build_network

    pictures = labelled_pictures(COUNT, SIZE_PX).pictures
    with tempfile.TemporaryDirectory() as folder:
        model_file = Path(folder) / "model.keras"
        save_model(build_network(NetworkConfig(), SIZE_PX, CLASS_COUNT), model_file)
        began = time.perf_counter()
        engine.predict(model_file, pictures[:1])
        loading = time.perf_counter() - began
        single = []
        for number in range(rounds * 20):
            began = time.perf_counter()
            engine.predict(model_file, pictures[number % COUNT][None])
            single.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        engine.predict(model_file, pictures)
        rate = COUNT / (time.perf_counter() - began)
    return "\n".join(
        [
            "| prediction at 224 px | |",
            "|---|---|",
            f"| loading the model and the first answer | {loading:.2f} s |",
            f"| one picture, median | {median(single):.1f} ms |",
            f"| one picture, 95th percentile | {quantiles(single, n=20)[-1]:.1f} ms |",
            f"| many pictures | {rate:.0f}/s |",
        ]
    )
