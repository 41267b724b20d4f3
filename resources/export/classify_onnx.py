"""Asks the ONNX model in this folder about pictures: python classify.py PICTURE..."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else ONNX Runtime reports what it does to its makers
import onnxruntime  # first, once: pip install -r requirements.txt
from pictures import read_picture

CARD = json.loads(Path(__file__).resolve().with_name("model.json").read_text(encoding="utf-8"))


def load():
    """Return a function from one picture to the network's answers by name."""
    network = onnxruntime.InferenceSession(str(Path(__file__).resolve().with_name("model.onnx")))
    names = [each.name for each in network.get_outputs()]
    return lambda picture: dict(zip(names, network.run(names, {"pictures": picture})))


def classify(ask, path):
    """Return what the network says about a picture; "Not sure" by the rule of the run."""
    picture = read_picture(path, CARD["input"]["size_px"], CARD["resize"]["mode"])
    began = time.perf_counter()
    answer, ended = ask(picture), time.perf_counter()
    probabilities = [float(each) for each in answer["probabilities"][0]]
    distance = float(answer["distance"][0]) if "distance" in answer else None
    best, rule = probabilities.index(max(probabilities)), CARD["not_sure"]
    is_far = distance is not None and distance > rule["farthest"]
    return {
        "path": str(path),
        "predicted_class": CARD["class_names"][best],
        "probability": probabilities[best],
        "not_sure": is_far or probabilities[best] < rule["least_probability"],
        "probabilities": dict(zip(CARD["class_names"], probabilities)),
        "distance": distance,
        "milliseconds": 1000 * (ended - began),
    }


if __name__ == "__main__":
    sys.stdin.reconfigure(errors="surrogateescape")  # a name need not be text, and a terminal
    sys.stdout.reconfigure(errors="backslashreplace")  # may lack its letters: neither ends this
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one line of JSON a picture")
    parser.add_argument("pictures", nargs="*", help="if none: paths from standard input, by line")
    given, network, was_read = parser.parse_args(), load(), False
    for name in given.pictures or (line.rstrip("\n") for line in sys.stdin):
        try:
            found, was_read = classify(network, name), True
            perhaps = "not sure, perhaps " if found["not_sure"] else ""
            words = f"{name}: {perhaps}{found['predicted_class']} ({found['probability']:.1%})"
        except Exception as error:  # damaged, or no picture at all
            found, words = {"path": name, "problem": str(error)}, f"{name}: not read, {error}"
        print(json.dumps(found) if given.json else words, flush=True)
    sys.exit(0 if was_read else 1)
