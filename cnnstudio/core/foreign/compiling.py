"""How a Keras model was compiled, in its file: nobody here builds that, so a copy goes without."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path

from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.atomic import replaced_file

_CONFIG = "config.json"
_COMPILED = "compile_config"
_CHUNK_BYTES = 1 << 20
# What is said of an archive that Keras reads all the same: the copy then stays as it is.
_ODD = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


def drop_compiling(model_file: Path, context: TaskContext) -> None:
    """Take loss, optimiser and metrics out of the description in a .keras file that is ours.

    These may name parts that only their makers have, for which Keras would ask when it loads the
    file with all that it says.

    Raises:
        StudioError: the disk refuses.
        Cancelled: the user cancelled.
    """
    try:
        with zipfile.ZipFile(model_file) as archive:
            config = json.loads(archive.read(_CONFIG))
        if _COMPILED not in config:
            return
        del config[_COMPILED]
        with (
            replaced_file(model_file) as stream,
            zipfile.ZipFile(model_file) as given,
            zipfile.ZipFile(stream, "w") as taken,
        ):
            for member in given.infolist():
                if member.filename == _CONFIG:
                    taken.writestr(member, json.dumps(config))
                else:
                    _copy(given, member, taken, context)
    except _ODD:
        return


def _copy(
    given: zipfile.ZipFile, member: zipfile.ZipInfo, taken: zipfile.ZipFile, context: TaskContext
) -> None:
    fresh = zipfile.ZipInfo(member.filename, member.date_time)
    fresh.compress_type, fresh.external_attr = member.compress_type, member.external_attr
    with given.open(member) as source, taken.open(fresh, "w", force_zip64=True) as target:
        while chunk := source.read(_CHUNK_BYTES):
            context.checkpoint()
            target.write(chunk)
