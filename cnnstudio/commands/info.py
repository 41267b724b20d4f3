"""`cnnstudio info`: versions, folders, and what this computer trains on."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import tomllib
from pathlib import Path
from typing import Any

import click

from cnnstudio import folders
from cnnstudio.commands.services import Services, json_option, pass_services

PACKAGES = (
    "tensorflow",
    "keras",
    "numpy",
    "pillow",
    "pillow-heif",
    "opencv-python-headless",
    "pyside6-essentials",
    "pyqtgraph",
    "click",
    "rich",
)


@click.command(short_help="Say what is installed and where files are.")
@click.option("--devices", is_flag=True, help="Also say what trains here (loads TensorFlow).")
@json_option
@pass_services
def info(services: Services, devices: bool) -> None:
    """Say which versions are installed and where files are kept."""
    output = services.output
    facts: dict[str, Any] = {
        "version": program_version(),
        "python": platform.python_version(),
        "executable": sys.executable,
        "platform": platform.platform(),
        "folders": {
            "settings": folders.settings_folder(),
            "data": folders.data_folder(),
            "log": folders.log_file(),
            "sample": folders.sample_project_folder(),
        },
        "packages": {name: _installed(name) for name in PACKAGES},
    }
    output.say(f"CNN Studio {facts['version']}")
    output.say(f"Python {facts['python']} ({facts['executable']})")
    output.say(f"{facts['platform']}\n")
    output.say("Folders")
    for name, folder in facts["folders"].items():
        output.say(f"  {name:<24}{folder}")
    output.say("\nPackages")
    for name, version in facts["packages"].items():
        output.say(f"  {name:<24}{version or 'not installed'}")
    if devices:
        report = services.engine.devices()
        facts["devices"] = {
            "words": report.words,
            "gpus": report.gpus,
            "cpu_cores": report.cpu_cores,
            "has_bfloat16": report.has_bfloat16,
            "reason_without_gpu": report.reason_without_gpu,
        }
        output.say("\nTrains on")
        output.say(f"  {report.words}")
        if report.reason_without_gpu:
            output.say(f"  {report.reason_without_gpu}")
    output.event("finished", **facts)


def program_version() -> str:
    """Return the version of this program, also when it runs from a checkout."""
    version = _installed("cnnstudio")
    if version is not None:
        return version
    project_file = Path(__file__).parents[2] / "pyproject.toml"
    if project_file.is_file():
        return str(tomllib.loads(project_file.read_text(encoding="utf-8"))["project"]["version"])
    return "unknown"


def _installed(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
