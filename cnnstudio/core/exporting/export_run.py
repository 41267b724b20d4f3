"""Exporting a run: written, proved to answer as the window does, and only then handed over."""

from __future__ import annotations

import os
import shutil
import statistics
import string
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cnnstudio.core.catalog.export_formats import ExportFormat, export_format
from cnnstudio.core.dataset.importers.names import file_name_for
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.caution import Caution, load_caution
from cnnstudio.core.evaluation.figure_words import interval_decimals, interval_words
from cnnstudio.core.evaluation.figures import Interval
from cnnstudio.core.evaluation.report_card import make_report_card, project_root
from cnnstudio.core.evaluation.report_html import report_html
from cnnstudio.core.events import Progress
from cnnstudio.core.exporting.draft import ExportDraft
from cnnstudio.core.exporting.exported import ASKED_OUTSIDE_A_BROWSER, Exported
from cnnstudio.core.exporting.model_card import (
    CARD_FILE,
    LABELS_FILE,
    asks_for_distance,
    card_text,
    labels_text,
    model_card,
    versions_of,
)
from cnnstudio.core.exporting.onnxruntime_web import OnnxRuntimeWeb, found_or_fetched
from cnnstudio.core.exporting.parity import Answered, Parity, compare
from cnnstudio.core.exporting.proof_pictures import ProofPictures, ask_here, calibration_pictures
from cnnstudio.core.exporting.sample_process import ask_sample
from cnnstudio.core.exporting.web_pages import add_javascript, leave_one_page
from cnnstudio.core.exporting.written_network import WrittenNetwork
from cnnstudio.core.file_names import LEGIBLE
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.percentages import percent
from cnnstudio.core.resources import resource_path
from cnnstudio.core.runs import MODEL_FILE, Run
from cnnstudio.core.storage.atomic import cannot_write, remove_drafts_among_others, scratch_folder

SAMPLE_FILE = "classify.py"
REPORT_FILE = "report_card.html"
_PICTURES_FILE = "pictures.py"
_README_FILE = "README.md"
_READMES = {
    "": "README.template.md",
    "one-file": "README.one_file.template.md",
    "sample": "README.javascript.template.md",
}
_CLASSES_NAMED = 20


def export_run(
    engine: Engine,
    run: Run,
    formats: Sequence[str],
    folder: Path,
    *,
    root: Path | None = None,
    is_bundle: bool = False,
    anyway: bool = False,
    cache: Path | None = None,
) -> Task[tuple[Exported, ...]]:
    """Return the task that exports a run in some formats, each proved on its own.

    Each becomes a folder `RUN-FORMAT` in `folder`, or with `is_bundle` one archive with the run's
    report card; nothing that is there is written over. One that is not proved, or does not answer
    as the window does, is held back until its `release` or `discard` is called.

    Args:
        engine: that of the window; the task runs on its thread.
        run: what is exported.
        formats: keys of rows in `core.catalog.export_formats`.
        folder: where to; it is made where it is not there.
        root: of the project whose pictures the run was made from; by default the one it lies in.
        is_bundle: whether each is packed into one archive.
        anyway: whether all are handed over, whatever the proof says.
        cache: where ONNX Runtime Web is kept once it was fetched; without it, it is fetched anew.

    The task raises `StudioError` when the run's own model cannot be asked, `Cancelled` when the
    user cancels: nothing is left then, also not of the formats that were done. A format that cannot
    be written has a `problem` instead; the others go on.
    """

    def task(context: TaskContext) -> tuple[Exported, ...]:
        if run.model_name != MODEL_FILE:
            raise StudioError(
                f"{run.name} was imported as a TFLite or ONNX file; such files are not converted.",
                f"Use the file itself: {run.model_file}",
            )
        rows = [export_format(key) for key in dict.fromkeys(formats)]
        if not rows:
            raise StudioError("No format was chosen.", "Choose at least one.")
        if not run.model_file.is_file():
            raise StudioError(f"The model of the run {run.name} is missing.", "Train again.")
        remove_drafts_among_others(folder)
        place = root or project_root(run)
        caution = load_caution(run.folder)
        proof = ask_here(engine, run, caution, place, context)
        needs = any(each.needs_calibration for each in rows)
        calibration = calibration_pictures(run, place, context) if needs else None
        exporting = _Exporting(engine, run, caution, proof, calibration, context, is_bundle, cache)
        done: list[Exported] = []
        try:
            for row in rows:
                context.checkpoint()
                done.append(exporting.export(row, _target(run, row, folder, is_bundle)))
            context.keep()
        except BaseException:
            for each in done:
                each.discard()
            raise
        for each in done:
            if each.is_proved or (anyway and not each.problem):
                each.release()
        return tuple(done)

    return task


@dataclass(frozen=True)
class _Exporting:
    engine: Engine
    run: Run
    caution: Caution | None
    proof: ProofPictures | None
    calibration: Pictures | None
    context: TaskContext
    is_bundle: bool
    cache: Path | None

    def export(self, row: ExportFormat, target: Path) -> Exported:
        draft = ExportDraft(target, is_bundle=self.is_bundle)
        try:
            return self._in(draft, row)
        except StudioError as error:
            draft.discard()
            return Exported(row, target, problem=str(error))
        except BaseException:
            draft.discard()
            raise

    def _in(self, draft: ExportDraft, row: ExportFormat) -> Exported:
        self.context.report(Progress(f"Writing {row.label}"))
        runtime = self._runtime_web() if row.page else None
        card = model_card(self.run, self.caution, row)
        self._write(draft.folder, row, card)
        parity, milliseconds = self._prove(draft.folder, row)
        model = draft.folder / row.file_name
        if runtime is not None:
            model = self._make_page(draft.folder, row, card, runtime)
        self._describe(draft.folder, row, card, parity)
        draft.seal()
        layers = self.engine.layers_of(self.run.model_file)
        millions = sum(each.multiplications for each in layers) / 1e6
        pace = row.multiplications_per_ms
        return Exported(
            row,
            draft.target,
            parity=parity,
            size_bytes=_size(draft.folder if row.page == "sample" else model),
            parameters=sum(each.parameters for each in layers),
            milliseconds=milliseconds,
            phone_milliseconds=None if pace is None else millions / pace,
            left_out=str(card["not_sure"]["left_out"]),
            draft=draft,
        )

    def _runtime_web(self) -> OnnxRuntimeWeb:
        self.context.report(Progress("Looking for ONNX Runtime Web"))
        if self.cache is not None:
            return found_or_fetched(self.cache, self.context.checkpoint)
        with scratch_folder() as scratch:
            return found_or_fetched(scratch, self.context.checkpoint)

    def _make_page(
        self, folder: Path, row: ExportFormat, card: dict[str, Any], runtime: OnnxRuntimeWeb
    ) -> Path:
        network = folder / row.file_name
        try:
            if row.page == "one-file":
                return leave_one_page(folder, network, card, runtime)
            add_javascript(folder, runtime)
        except OSError as error:
            raise cannot_write(folder, error) from error
        return network

    def _write(self, folder: Path, row: ExportFormat, card: dict[str, Any]) -> None:
        texts = {CARD_FILE: card_text(card), LABELS_FILE: labels_text(card)}
        if row.needs_calibration and self.calibration is None:
            raise StudioError(
                f"{row.label} needs some of the pictures that the run was trained with, and none"
                " of them is there.",
                "Choose another format.",
            )
        prototypes = None
        if row.tells_distance and self.caution and asks_for_distance(self.caution):
            assert self.caution.familiarity is not None
            prototypes = self.caution.familiarity.prototypes
        wanted = WrittenNetwork(
            row.form,
            prototypes,
            self.calibration if row.needs_calibration else None,
            texts,
        )
        self.engine.export(self.run.model_file, folder / row.file_name, wanted, self.context)
        try:
            for name, text in texts.items():
                (folder / name).write_bytes(text.encode())
            for source, name in ((row.sample, SAMPLE_FILE), (_PICTURES_FILE, _PICTURES_FILE)):
                shutil.copyfile(resource_path("export", source), folder / name)
            pinned = "".join(f"{name}=={version}\n" for name, version in versions_of(row.packages))
            (folder / "requirements.txt").write_text(pinned, encoding="ascii")
        except OSError as error:
            raise cannot_write(folder, error) from error

    def _prove(self, folder: Path, row: ExportFormat) -> tuple[Parity | None, float | None]:
        if self.proof is None:
            return None, None
        total, names = len(self.proof), self.run.class_names
        words = f"Proving {row.label}"
        self.context.report(Progress(words, 0, total))
        probabilities = np.full((total, len(names)), np.nan)
        distances, is_unsure = np.full(total, np.nan), np.zeros(total, bool)
        took: list[float] = []
        answers = ask_sample(folder / SAMPLE_FILE, self.proof.paths, self.context)
        for place, answer in enumerate(answers):
            if "problem" not in answer:
                try:
                    # By name: the right numbers under the wrong names are wrong answers.
                    probabilities[place] = [answer["probabilities"][name] for name in names]
                    if answer["predicted_class"] != names[int(probabilities[place].argmax())]:
                        raise ValueError("it names another class than the likeliest")
                    is_unsure[place] = answer["not_sure"]
                    distances[place] = np.nan if answer["distance"] is None else answer["distance"]
                    took.append(float(answer["milliseconds"]))
                except (KeyError, TypeError, ValueError, AttributeError) as error:
                    raise StudioError("The exported model gave an odd answer.") from error
            self.context.report(Progress(words, place + 1, total))
        caution = self.caution
        here = self.proof.answered
        if caution is not None and not row.tells_distance:
            # Asked what it can know: not how far a picture is from those it was trained with.
            here = Answered(
                here.probabilities,
                here.distances,
                here.probabilities.max(axis=1) < caution.least_probability,
            )
        there = Answered(probabilities, distances, is_unsure)
        parity = compare(here, there, self.proof.true, self.proof.part, row, caution)
        return parity, statistics.median(took) if took else None

    def _describe(
        self, folder: Path, row: ExportFormat, card: dict[str, Any], parity: Parity | None
    ) -> None:
        template = resource_path("export", _READMES[row.page]).read_text(encoding="utf-8")
        text = string.Template(template).substitute(
            name=card["name"],
            runtime=row.runtime,
            model=row.file_name,
            made=_made_words(card),
            count=len(card["class_titles"]),
            classes=_classes_words(card["class_titles"]),
            proved=_proof_words(parity, card, row),
        )
        try:
            (folder / _README_FILE).write_text(text, encoding="utf-8")
            if self.is_bundle:
                self._add_report_card(folder)
        except OSError as error:
            raise cannot_write(folder, error) from error

    def _add_report_card(self, folder: Path) -> None:
        try:
            html = report_html(make_report_card(self.run)(self.context))
        except StudioError:  # it kept no answers to judge it by
            return
        (folder / REPORT_FILE).write_bytes(html.encode("utf-8", LEGIBLE))


def _target(run: Run, row: ExportFormat, folder: Path, is_bundle: bool) -> Path:
    """Return where an export goes: a place that is free, or a folder that is empty."""
    name = f"{file_name_for(run.name) or 'run'}-{row.key}"
    ending = ".zip" if is_bundle else ""
    target, number = folder / f"{name}{ending}", 2
    while os.path.lexists(target):
        target, number = folder / f"{name} ({number}){ending}", number + 1
    return target


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())


def _made_words(card: dict[str, Any]) -> str:
    program = f"CNN Studio {card['program_version']}"
    made = f"A network for classifying pictures, made with {program}."
    if card["imported_from"]:
        made = (
            f"A network for classifying pictures, imported into {program} from"
            f" {card['imported_from']}: how, and with which pictures, it was trained is not known."
        )
    made += _test_words(**card["test"])
    backbone = card["backbone"]
    if backbone:
        made += f" Built on {backbone['name']} ({backbone['licence']})."
    return made


def _test_words(accuracy: float, interval: Interval | None, pictures: int) -> str:
    if interval is None:
        return ""
    low, high = interval_words(interval)
    share = percent(accuracy, interval_decimals(interval))
    return (
        f" Right for {round(accuracy * pictures):,} of {pictures:,} test"
        f" picture{'' if pictures == 1 else 's'}: {share}"
        f" (95 % interval {low} to {high})."
    )


def _classes_words(titles: Sequence[str]) -> str:
    named = ", ".join(titles[:_CLASSES_NAMED])
    more = len(titles) - _CLASSES_NAMED
    return f"{named} and {more:,} more (labels.txt)" if more > 0 else named


def _proof_words(parity: Parity | None, card: dict[str, Any], row: ExportFormat) -> str:
    left_out = card["not_sure"]["left_out"]
    if parity is None:
        proved = "It was not compared with the network in CNN Studio: no pictures were there."
    else:
        proved = f"Compared with CNN Studio by {parity.part_words}: {parity.words}."
        if row.page:
            proved += f" {ASKED_OUTSIDE_A_BROWSER}"
    return f"{proved} {left_out}".strip()
