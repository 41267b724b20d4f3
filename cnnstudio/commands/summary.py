"""`cnnstudio summary`: the layers of a network with their output shapes and parameters."""

from __future__ import annotations

import dataclasses

import click

from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.commands.settings import with_assignments, with_value
from cnnstudio.core.catalog.training_presets import TRAINING_PRESETS, training_preset
from cnnstudio.core.network import LayerRow, layer_table, parameter_count


@click.command(short_help="Show the layers of a network.")
@click.option(
    "--preset",
    type=click.Choice([preset.key for preset in TRAINING_PRESETS]),
    default=TRAINING_PRESETS[0].key,
    show_default=True,
    help="The way of training.",
)
@click.option("--size", type=int, help="Picture size in pixels.  [default: 224]")
@click.option(
    "--classes", type=click.IntRange(1), default=10, show_default=True, help="Number of classes."
)
@click.option(
    "--set",
    "assignments",
    metavar="KEY=VALUE",
    multiple=True,
    help="Change a setting, such as dense_units=128 or network.blocks.1.filters=32.",
)
@json_option
@pass_services
def summary(
    services: Services, preset: str, size: int | None, classes: int, assignments: tuple[str, ...]
) -> None:
    """Show the layers of a network: what each gives out, and its parameters."""
    config = with_assignments(training_preset(preset).config, assignments)
    if size is not None:
        config = with_value(config, "training.image_size", size, "--size")
    image_size = config.training.image_size
    rows = layer_table(config.network, image_size, classes)
    total = parameter_count(rows)
    output = services.output
    for row in rows:
        fields = dataclasses.asdict(row)
        del fields["block"], fields["arguments"]
        output.event("layer", **fields)
    if not output.is_json:
        _show(services, rows, image_size, total)
    output.event(
        "finished",
        preset=config.preset,
        image_size=image_size,
        classes=classes,
        layers=len(rows),
        parameters=total,
    )


def _show(services: Services, rows: list[LayerRow], image_size: int, total: int) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Layer")
    table.add_column("Kind")
    table.add_column("Settings")
    table.add_column("Output shape", justify="right")
    table.add_column("Parameters", justify="right")
    for row in rows:
        shape = " x ".join(str(side) for side in row.output_shape)
        table.add_row(row.name, row.kind, row.detail, shape, f"{row.parameters:,}")
    console = services.output.console
    console.print(table)
    console.print(f"{total:,} parameters for pictures of {image_size} x {image_size} px.")
