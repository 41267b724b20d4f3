"""Asks the TFLite model in this folder about pictures: python classify.py PICTURE...

First, once: pip install -r requirements.txt. --json prints one line of JSON a picture. Without
pictures their paths are read from standard input, one a line.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from ai_edge_litert.interpreter import Interpreter
from pictures import read_picture

HERE = Path(__file__).resolve().parent
CARD = json.loads((HERE / "model.json").read_text(encoding="utf-8"))


def load():
    """Return a function from one picture to the network's answers by name."""
    ask = Interpreter(str(HERE / "model.tflite")).get_signature_runner()
    return lambda picture: ask(pictures=picture)


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
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("pictures", nargs="*")
    given, network = parser.parse_args(), load()
    for name in given.pictures or (line.rstrip("\n") for line in sys.stdin):
        try:
            found = classify(network, name)
            perhaps = "not sure, perhaps " if found["not_sure"] else ""
            words = f"{name}: {perhaps}{found['predicted_class']} ({found['probability']:.1%})"
        except Exception as error:  # damaged, or no picture at all
            found, words = {"path": name, "problem": str(error)}, f"{name}: not read, {error}"
        print(json.dumps(found) if given.json else words, flush=True)
