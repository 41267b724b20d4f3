"""`cnnstudio explain RUN PICTURE`: which places of a picture spoke for a class."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cnnstudio.commands.chosen_run import chosen_run
from cnnstudio.commands.file_places import check_file_place
from cnnstudio.commands.progress import progress_display
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.core.jobs import TaskContext
from cnnstudio.ui.words import percent

if TYPE_CHECKING:
    from cnnstudio.core.runs import Run

_OPACITY = 0.65
_QUALITY = 92
"""Of JPEG and WebP, 1 to 100; PNG has none."""
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


@click.command(short_help="Show what in a picture decided.")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("picture", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE.png",
    help="Where the picture with its heat-map is saved; its ending, .png, .jpg or .webp, says as"
    " what.",
)
@click.option(
    "--class", "class_name", metavar="NAME", help="The class asked about.  [default: the answer]"
)
@click.option(
    "--method",
    type=click.Choice(["gradcam", "occlusion"]),
    default="gradcam",
    show_default=True,
    help="Grad-CAM (Selvaraju et al. 2017), or hiding one place after the other (Zeiler and"
    " Fergus 2014), which takes seconds.",
)
@json_option
@pass_services
def explain(
    services: Services,
    run: Path,
    picture: Path,
    out: Path,
    class_name: str | None,
    method: Literal["gradcam", "occlusion"],
) -> None:
    """Save PICTURE as RUN sees it, with the places that spoke for a class: the lighter, the more.

    RUN is the folder of a run, a project (its newest run is taken), or a run's model.keras.
    """
    import numpy as np
    from PIL import Image

    from cnnstudio.core.dataset.images import read_array
    from cnnstudio.core.evaluation.heat_picture import heat_picture
    from cnnstudio.core.evaluation.occlusion import occlude
    from cnnstudio.core.runs import checked_answers
    from cnnstudio.core.storage.atomic import write_bytes

    kind = _FORMATS.get(out.suffix.casefold())
    if kind is None:
        raise click.BadParameter(
            f"{out.name} should end with .png, .jpg or .webp.", param_hint="--out"
        )
    check_file_place(out, "--out")
    loaded = chosen_run(run)
    wanted = None if class_name is None else _place_of(loaded, class_name)
    settings = loaded.config.training
    seen = read_array(picture, settings.image_size, settings.resize_mode)
    with progress_display(services.output) as display:
        asked = services.engine.predict(loaded.model_file, seen[None])
        answer = checked_answers(loaded, asked)[0]
        place = int(np.argmax(answer)) if wanted is None else wanted
        if method == "gradcam":
            values = services.engine.explain(loaded.model_file, seen, place).values
        else:
            task = occlude(services.engine, loaded, seen, place)
            values = task(TaskContext(display.report)).values
    stream = io.BytesIO()
    Image.fromarray(heat_picture(seen, values, _OPACITY)).save(stream, kind, quality=_QUALITY)
    write_bytes(out, stream.getvalue())
    title, share = loaded.class_titles[place], float(answer[place])
    if not values.any():
        services.output.note(f"Nothing in the picture speaks for {title}.")
    if not services.output.is_json:
        services.output.say(f"{title}: {percent(share)}. Saved as {out}.")
    services.output.event(
        "finished",
        run=loaded.folder,
        path=picture,
        predicted_class=loaded.class_names[int(np.argmax(answer))],
        explained_class=loaded.class_names[place],
        probability=share,
        method=method,
        out=out,
    )


def _place_of(run: Run, name: str) -> int:
    for names in (run.class_names, run.class_titles):
        if name in names:
            return names.index(name)
    raise click.BadParameter(
        f"There is no class {name!r}. The run knows {', '.join(run.class_names)}.",
        param_hint="--class",
    )
