"""Random edits, undo, redo and reopening, held against a plain model of which picture is where."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cnnstudio.core import editing
from cnnstudio.core.class_edits import (
    add_class,
    label_as,
    merge_class,
    remove_class,
    rename_class,
    reorder_classes,
    set_class_colour,
    set_class_key,
    set_class_note,
    switch_class,
)
from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.bin_contents import binned_samples
from cnnstudio.core.dataset.importing import plan_import, stage_import
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.edits import (
    NamedEdit,
    add_imported,
    label_each,
    label_samples,
    remove_samples,
    restore_samples,
)
from cnnstudio.core.errors import StudioError
from cnnstudio.core.history import History
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.storage import project_file
from tests.builders import coloured_folder

# The plain model: the class title of every picture by its content. Pictures in the bin have BIN.
BIN = "in the bin"
Model = dict[bytes, str | None]


class Editing(RuleBasedStateMachine):
    """One person at work on a small project."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        home = Path(self._folder.name)
        coloured_folder(home / "p", {"a": 3, "b": 2, "_unlabelled": 2})
        self._home = home
        self._imports = 0
        self.project = scan(home / "p")
        self.history = History()
        self.model: Model = self.seen()
        self.undo_models: list[Model] = []
        self.redo_models: list[Model] = []

    def teardown(self) -> None:
        self._folder.cleanup()

    # The folder, as any other program sees it

    def seen(self) -> Model:
        """Where every picture is; contents are unique but for imports made twice."""
        titles = {each.name: each.title for each in self.project.classes}
        found: Model = {}
        for sample in self.project.samples:
            content = self.project.absolute(sample).read_bytes()
            found[content] = titles[sample.class_name] if sample.class_name else None
        for path in self.project.bin_folder.rglob("*.png"):
            found.setdefault(path.read_bytes(), BIN)
        return found

    def content(self, path: str) -> bytes:
        return (self.project.root / path).read_bytes()

    def title(self, name: str | None) -> str | None:
        return self.project.image_class(name).title if name is not None else None

    def known(self, title: str | None) -> str | None:
        """The title that a class of that name or title has; its own where there is none."""
        titles = {each.name.casefold(): each.title for each in self.project.classes}
        titles.update({each.title.casefold(): each.title for each in self.project.classes})
        return None if title is None else titles.get(title.casefold(), title)

    # Making edits

    def make(self, edit: NamedEdit, changed: Model) -> None:
        try:
            self.project, step = editing.make(edit, self.project)
        except StudioError:
            return
        self.history.push(step)
        self.undo_models.append(self.model)
        self.redo_models.clear()
        self.model = {**self.model, **changed}

    def some_paths(self, data: st.DataObject) -> list[str]:
        every = [sample.path for sample in self.project.samples]
        return data.draw(st.lists(st.sampled_from(every), min_size=1, unique=True))

    def some_class(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from([each.name for each in self.project.classes]))

    def members(self, name: str) -> list[str]:
        return [each.path for each in self.project.samples if each.class_name == name]

    @rule(title=st.sampled_from(["a", "c", "C", "con", "x/y", "_u", "帽子"]))
    def add(self, title: str) -> None:
        self.make(add_class(title), {})

    @precondition(lambda self: self.project.classes)
    @rule(data=st.data(), title=st.sampled_from(["a", "A", "d", "x:y", "帽子 2"]))
    def rename(self, data: st.DataObject, title: str) -> None:
        name = self.some_class(data)
        changed: Model = {self.content(path): title for path in self.members(name)}
        self.make(rename_class(name, title), changed)

    @precondition(lambda self: self.project.classes)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        name = self.some_class(data)
        changed: Model = {self.content(path): BIN for path in self.members(name)}
        self.make(remove_class(name), changed)

    @precondition(lambda self: len(self.project.classes) > 1)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        name, into = self.some_class(data), self.some_class(data)
        changed = {self.content(path): self.title(into) for path in self.members(name)}
        self.make(merge_class(name, into), changed)

    @precondition(lambda self: self.project.samples)
    @rule(data=st.data(), title=st.sampled_from(["split off", "a"]))
    def split(self, data: st.DataObject, title: str) -> None:
        paths = self.some_paths(data)
        changed = {self.content(path): self.known(title) for path in paths}
        self.make(label_as(paths, title), changed)

    @precondition(lambda self: self.project.samples)
    @rule(data=st.data())
    def label(self, data: st.DataObject) -> None:
        paths = self.some_paths(data)
        name = data.draw(st.sampled_from([*(c.name for c in self.project.classes), None]))
        changed = {self.content(path): self.title(name) for path in paths}
        self.make(label_samples(paths, name), changed)

    @precondition(lambda self: self.project.samples and self.project.classes)
    @rule(data=st.data())
    def accept_suggestions(self, data: st.DataObject) -> None:
        wanted = {path: self.some_class(data) for path in self.some_paths(data)}
        changed = {self.content(path): self.title(name) for path, name in wanted.items()}
        self.make(label_each(wanted, "Accept suggestions"), changed)

    @precondition(lambda self: self.project.samples)
    @rule(data=st.data())
    def throw_away(self, data: st.DataObject) -> None:
        paths = self.some_paths(data)
        self.make(remove_samples(paths), {self.content(path): BIN for path in paths})

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        binned = binned_samples(self.project, TaskContext())
        if not binned:
            return
        chosen = data.draw(st.lists(st.sampled_from(binned), min_size=1, unique=True))
        changed: Model = {self.content(each.path): self.known(each.class_name) for each in chosen}
        self.make(restore_samples(chosen), changed)

    @rule()
    def import_a_folder(self) -> None:
        self._imports += 1
        source = coloured_folder(self._home / f"more{self._imports}", {"a": 1, "new": 2})
        plan = plan_import([source], self.project, None)
        staged = stage_import(plan, self.project)(TaskContext())
        changed: Model = {
            self.content(each.staged_path): self.known(each.class_title) for each in staged.pictures
        }
        self.make(add_imported(staged), changed)

    @precondition(lambda self: self.project.classes)
    @rule(data=st.data(), letter=st.sampled_from(["x", "y", "", "?"]))
    def describe(self, data: st.DataObject, letter: str) -> None:
        name = self.some_class(data)
        self.make(set_class_key(name, letter), {})
        self.make(set_class_note(name, "what belongs here"), {})
        self.make(set_class_colour(name, 5), {})
        self.make(switch_class(name, is_on=False), {})

    @rule(data=st.data())
    def reorder(self, data: st.DataObject) -> None:
        names = [each.name for each in self.project.classes]
        self.make(reorder_classes(data.draw(st.permutations(names))), {})

    @rule(epochs=st.integers(1, 50))
    def change_a_setting(self, epochs: int) -> None:
        config = with_setting(self.project.config, "epochs", str(epochs))
        self.project = replace(self.project, config=config)
        project_file.save(self.project)

    # Going back and forth

    @rule(times=st.integers(1, 4))
    def undo(self, times: int) -> None:
        for _ in range(times):
            step = self.history.undo_step
            if step is not None:
                self.project = editing.undo(step, self.project)
                self.history.undone(step)
                self.redo_models.append(self.model)
                # What was imported since is in the bin.
                earlier = self.undo_models.pop()
                self.model = {content: earlier.get(content, BIN) for content in self.model}

    @rule(times=st.integers(1, 4))
    def redo(self, times: int) -> None:
        for _ in range(times):
            step = self.history.redo_step
            if step is not None:
                self.project = editing.redo(step, self.project)
                self.history.redone(step)
                self.undo_models.append(self.model)
                self.model = {**self.model, **self.redo_models.pop()}

    @rule()
    def reopen(self) -> None:
        self.project = scan(self.project.root)
        self.history = History()
        self.undo_models.clear()
        self.redo_models.clear()

    @invariant()
    def folder_and_project_agree(self) -> None:
        assert scan(self.project.root) == self.project

    @invariant()
    def every_picture_is_where_the_model_says(self) -> None:
        assert self.seen() == self.model

    @invariant()
    def no_letter_stands_for_two_classes(self) -> None:
        letters = [each.key for each in self.project.classes if each.key]
        assert len(letters) == len(set(letters))


def test_a_step_keeps_what_it_changed_and_no_project(tmp_path: Path) -> None:
    project: Project = scan(coloured_folder(tmp_path / "p", {"a": 50, "b": 50}))
    _, step = editing.make(label_samples(["a/1.png"], "b"), project)
    assert len(step.change.removed) == len(step.change.added) == 1


TestEditing = Editing.TestCase
TestEditing.settings = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
