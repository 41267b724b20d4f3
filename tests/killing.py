"""Kills a program at random moments of imports and moves, and looks whether anything was lost.

    python -m tests.killing [--times 100] [--seed 1] [--folder DIR]

A child process sorts a small project without pause: imports, labels, removes, restores, renames,
merges, undoes. It is killed (SIGKILL) after a random moment. Then the project is opened and looked
through: every picture is there exactly once, an import came whole or not at all, no move is half
made, and every class still has its note. Exits with 1 at the first thing that does not hold.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from cnnstudio.core import editing
from cnnstudio.core.class_edits import label_as, merge_class, rename_class, set_class_note
from cnnstudio.core.dataset.bin_contents import binned_samples
from cnnstudio.core.dataset.importing import plan_import, stage_import
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.edits import (
    NamedEdit,
    add_imported,
    label_samples,
    remove_samples,
    restore_samples,
)
from cnnstudio.core.errors import StudioError
from cnnstudio.core.history import History
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import STATE_FOLDER, Project
from cnnstudio.core.storage import incoming
from tests.builders import coloured_folder

IMPORTS, EACH = 60, 40
CLASSES = {"ants": 60, "bees": 60, "crickets": 60, "_unlabelled": 60}


class Child:
    """Somebody who never stops sorting."""

    def __init__(self, root: Path, sources: Path, seed: int) -> None:
        self._sources = sources
        self._random = random.Random(seed)
        self._history = History()
        self._project = scan(root)

    def work(self) -> None:
        """Make one change after the other until killed."""
        deeds: list[Callable[[], None]] = [
            self._import,
            self._label,
            self._label,
            self._split,
            self._remove,
            self._restore,
            self._rename,
            self._merge,
            self._undo,
            self._undo,
            self._redo,
        ]
        print("ready", flush=True)
        while True:
            try:
                self._random.choice(deeds)()
            except StudioError as error:
                print(error, file=sys.stderr, flush=True)

    def _edit(self, edit: NamedEdit) -> None:
        self._project, step = editing.make(edit, self._project)
        self._history.push(step)

    def _some(self) -> list[str]:
        paths = [each.path for each in self._project.samples]
        return self._random.sample(paths, min(len(paths), self._random.randint(1, 80)))

    def _class(self) -> str:
        return self._random.choice(self._project.classes).name

    def _import(self) -> None:
        # What was imported before would be told from it by nothing: each source comes once.
        fresh = [each for each in sorted(self._sources.iterdir()) if not (each / "taken").exists()]
        if fresh:
            source = self._random.choice(fresh)
            (source / "taken").touch()
            context = TaskContext()
            plan = plan_import([source / "new"], self._project, self._class(), context)
            self._edit(add_imported(stage_import(plan, self._project)(context)))

    def _label(self) -> None:
        self._edit(label_samples(self._some(), self._class()))

    def _split(self) -> None:
        title = f"split {self._random.randint(1, 3)}"
        self._edit(label_as(self._some(), title))

    def _remove(self) -> None:
        self._edit(remove_samples(self._some()[:20]))

    def _restore(self) -> None:
        binned = binned_samples(self._project, TaskContext())
        self._edit(restore_samples(binned[: self._random.randint(1, 60)]))

    def _rename(self) -> None:
        noted = [each for each in self._project.classes if each.note]
        chosen = self._random.choice(noted)
        self._edit(rename_class(chosen.name, f"{chosen.note} {self._random.randint(1, 9)}"))

    def _merge(self) -> None:
        # Only classes without a note, whose number must not change.
        plain = [each.name for each in self._project.classes if not each.note]
        if plain:
            self._edit(merge_class(self._random.choice(plain), "ants"))

    def _undo(self) -> None:
        step = self._history.undo_step
        if step is not None:
            self._project = editing.undo(step, self._project)
            self._history.undone(step)

    def _redo(self) -> None:
        step = self._history.redo_step
        if step is not None:
            self._project = editing.redo(step, self._project)
            self._history.redone(step)


class Witness:
    """Knows every picture there ever was, and looks whether it still is."""

    def __init__(self, root: Path, sources: Path) -> None:
        self._root = root
        self._batches = {
            source.name: {_mark(path) for path in (source / "new").glob("*.png")}
            for source in sources.iterdir()
        }
        self._batch_of = {mark: name for name, each in self._batches.items() for mark in each}
        self._seen = set(self._contents())

    def look(self) -> list[str]:
        """Open the project and return what does not hold."""
        try:
            project = scan(self._root)
        except StudioError as error:
            return [f"it does not open: {error}"]
        found = self._contents()
        faults = [f"{count} copies of one picture" for count in found.values() if count > 1]
        lost = self._seen - found.keys()
        if lost:
            faults.append(f"{len(lost)} pictures lost")
        self._seen |= found.keys()
        arrived = Counter(self._batch_of[mark] for mark in found if mark in self._batch_of)
        faults += [f"half an import: {n} of {EACH}" for n in arrived.values() if n != EACH]
        if (self._root / STATE_FOLDER / "moves.json").exists():
            faults.append("a move is half made")
        in_project = {each.path for each in project.samples}
        on_disk = {
            path.relative_to(self._root).as_posix()
            for path in self._root.rglob("*.png")
            if STATE_FOLDER not in path.parts
        }
        if in_project != on_disk:
            faults.append(f"{len(in_project ^ on_disk)} pictures are not where the project says")
        notes = sorted(each.note for each in project.classes if each.note)
        if notes != sorted(name for name in CLASSES if name != "_unlabelled"):
            faults.append(f"notes of classes are lost: {notes}")
        return faults

    def _contents(self) -> Counter[str]:
        draft = self._root / STATE_FOLDER / incoming.FOLDER_NAME
        paths = (p for p in self._root.rglob("*.png") if not p.is_relative_to(draft))
        return Counter(map(_mark, paths))


def _mark(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=12).hexdigest()


def _prepared(folder: Path) -> tuple[Path, Path]:
    root = coloured_folder(folder / "project", CLASSES)
    sources = folder / "sources"
    for number in range(IMPORTS):
        coloured_folder(sources / f"source {number}", {"new": EACH})
    project: Project = scan(root)
    for each in project.classes:
        project, _ = editing.make(set_class_note(each.name, each.name), project)
    return root, sources


def _kill_once(root: Path, sources: Path, random_moment: random.Random) -> int:
    seed = random_moment.randrange(1 << 30)
    command = [sys.executable, "-m", "tests.killing", "--child", str(seed), str(root), str(sources)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert child.stdout is not None
    child.stdout.readline()
    try:
        child.wait(random_moment.uniform(0, 0.8))
    except subprocess.TimeoutExpired:
        child.kill()
    child.stdout.close()
    return child.wait()


def main() -> int:
    """Run as a script; see the module's own words."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--child", nargs=3)
    options = parser.parse_args()
    if options.child:
        seed, root, sources = options.child
        Child(Path(root), Path(sources), int(seed)).work()
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        root, sources = _prepared(Path(temporary))
        witness = Witness(root, sources)
        random_moment = random.Random(options.seed)
        halves = 0
        for number in range(1, options.times + 1):
            ending = _kill_once(root, sources, random_moment)
            if ending != -9:
                print(f"the child ended by itself with {ending}")
                return 1
            halves += (root / STATE_FOLDER / "moves.json").exists()
            faults = witness.look()
            if faults:
                print(f"after kill {number}: {'; '.join(faults)}")
                return 1
        taken = sum(1 for each in sources.iterdir() if (each / "taken").exists())
        print(
            f"{options.times} kills, {halves} of them amid a move, {taken} imports begun:"
            " no picture lost, no half move or import, the project opened each time"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
