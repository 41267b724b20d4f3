"""`cnnstudio backbones`: the pretrained networks that may be chosen, and how to get them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnnstudio.commands.progress import progress_display
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.core.catalog.backbones import BACKBONES, Backbone, backbone_of
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.jobs import TaskContext
from cnnstudio.ui.words import megabytes

if TYPE_CHECKING:
    from collections.abc import Collection


@click.group(
    invoke_without_command=True, short_help="List pretrained networks, or get another one."
)
@json_option
@pass_services
@click.pass_context
def backbones(context: click.Context, services: Services) -> None:
    """List the pretrained networks that Fast start and Fine-tune can build upon.

    Choose one with 'cnnstudio train FOLDER --set backbone=KEY'.
    """
    if context.invoked_subcommand is not None:
        return
    from cnnstudio.core.storage.backbone_files import installed_keys

    folder = _folder()
    installed = installed_keys(folder)
    output = services.output
    for each in BACKBONES:
        output.event(
            "backbone",
            key=each.key,
            label=each.label,
            help=each.help,
            installed=each.key in installed,
            bundled=each.is_bundled,
            size_bytes=each.weights.size_bytes,
            parameters=each.parameters,
            feature_length=each.feature_length,
            relative_speed=each.relative_speed,
            licence=each.licence,
            source=each.source,
            url=each.weights.url or None,
        )
    if not output.is_json:
        _show(services, installed)
    output.event("finished", folder=folder, installed=sorted(installed))


@backbones.command(short_help="Download the weights of a pretrained network.")
@click.argument("key", type=click.Choice([each.key for each in BACKBONES]), metavar="KEY")
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, path_type=Path),
    metavar="FOLDER",
    help="Take the file of weights from a folder instead of the net.",
)
@click.option("--yes", is_flag=True, help="Download without asking.")
@json_option
@pass_services
def install(services: Services, key: str, source: Path | None, yes: bool) -> None:
    """Download the weights of KEY once, or what is missing of them, for use without network.

    Nothing is used that is not the file which Keras publishes.
    """
    from cnnstudio.core.storage.backbone_files import is_installed, weights_file
    from cnnstudio.core.storage.backbone_installing import download, install_from

    backbone, folder, output = backbone_of(key), _folder(), services.output
    if is_installed(backbone, folder):
        output.say(f"{backbone.label} is there already.")
        path = None if backbone.is_bundled else weights_file(backbone, folder)
    else:
        if source is None and not yes:
            _ask(backbone, folder)
        with progress_display(output) as display:
            context = TaskContext(display.report)
            try:
                if source is not None:
                    path = install_from(source, backbone, folder, context)
                else:
                    path = download(backbone, folder, context)
            except KeyboardInterrupt as error:
                raise Cancelled(
                    "Interrupted: what came is kept, the next download goes on from there."
                ) from error
        output.say(f"{backbone.label} is ready: --set backbone={key}")
    output.event("finished", key=key, path=path)


def _folder() -> Path:
    from cnnstudio import folders
    from cnnstudio.core.storage.backbone_files import weights_folder

    return weights_folder(folders.cache_folder())


def _ask(backbone: Backbone, folder: Path) -> None:
    """Say how much comes from where under which licence, and ask whether it may.

    Raises:
        UsageError: nobody is there to be asked.
        Abort: the answer is no.
    """
    click.echo(
        f"{backbone.label}: {megabytes(backbone.weights.size_bytes)} from {backbone.weights.url}\n"
        f"Licence: {backbone.licence}. {backbone.source}.\nKept in {folder}",
        err=True,
    )
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody is there to be asked: add --yes to download it.")
    if not click.confirm("Download it?", default=True, err=True):
        raise Cancelled("Nothing was downloaded.")


def _show(services: Services, installed: Collection[str]) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for title in ("Key", "Backbone"):
        table.add_column(title)
    for title in ("Parameters", "Weights", "Speed"):
        table.add_column(title, justify="right")
    for title in ("Licence", "On this computer"):
        table.add_column(title)
    for each in BACKBONES:
        is_there = "comes with the program" if each.is_bundled else "yes"
        table.add_row(
            each.key,
            each.label,
            f"{each.parameters / 1e6:.1f} M",
            megabytes(each.weights.size_bytes),
            f"{each.relative_speed:.2f} x",
            each.licence,
            is_there if each.key in installed else "no",
        )
    console = services.output.console
    console.print(table)
    console.print(
        f"Speed is that of looking at pictures, beside {BACKBONES[0].label}.\n"
        "Get one with 'cnnstudio backbones install KEY'."
    )
