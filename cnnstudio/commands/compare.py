"""`cnnstudio compare RUN_A RUN_B`: what was different, and whether one is better."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnnstudio.commands.chosen_run import chosen_run
from cnnstudio.commands.output import Output
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.core.errors import StudioError

if TYPE_CHECKING:
    from cnnstudio.core.comparing import RunComparison
    from cnnstudio.core.runs import Run


@click.command(short_help="Say how two runs differ.")
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@json_option
@pass_services
def compare(services: Services, run_a: Path, run_b: Path) -> None:
    """Say what is different from RUN_A to RUN_B, and whether one of them is better.

    Both are folders of runs, projects (their newest runs are taken), or model.keras files of runs.
    """
    from cnnstudio.core.comparing import load_comparison

    first, second = chosen_run(run_a), chosen_run(run_b)
    comparison = load_comparison(first, second)
    output = services.output
    if not output.is_json:
        _show(output, comparison)
    output.event(
        "finished",
        first=first.folder,
        second=second.folder,
        **{
            name: [dataclasses.asdict(each) for each in getattr(comparison, name)]
            for name in ("settings", "network", "classes", "circumstances", "results")
        },
        pictures=dataclasses.asdict(comparison.pictures),
        test=dataclasses.asdict(comparison.test),
        duel=_duel(first, second) if output.is_json else None,
        is_clear=comparison.test.is_clear,
        verdict=comparison.verdict,
    )


def _duel(first: Run, second: Run) -> dict[str, object] | None:
    """What became of the pictures that both were tested by; None where answers are not there."""
    from cnnstudio.core.evaluation.duelling import load_duel

    try:
        duel = load_duel(first, second)
    except StudioError:
        return None
    return {
        "left_out": dataclasses.asdict(duel.left_out),
        "both_right": duel.both_right,
        **{
            group: [
                {
                    "path": each.picture.path,
                    "true": each.true,
                    "first": dataclasses.asdict(each.first),
                    "second": dataclasses.asdict(each.second),
                }
                for each in getattr(duel, group)
            ]
            for group in ("fixed", "broken", "both_wrong")
        },
    }


def _show(output: Output, comparison: RunComparison) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("")
    table.add_column(comparison.first)
    table.add_column(comparison.second)
    for part in (
        comparison.results,
        comparison.settings,
        comparison.network,
        comparison.classes,
        comparison.circumstances,
    ):
        for each in part:
            table.add_row(each.label, each.first, each.second)
        table.add_section()
    output.console.print(table)
    output.say(f"Pictures: {comparison.pictures.words}.")
    output.say(comparison.verdict)
