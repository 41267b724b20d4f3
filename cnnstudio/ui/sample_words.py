"""What is known of one picture, in words."""

from __future__ import annotations

from datetime import datetime

from cnnstudio.core.arranging import Knowledge
from cnnstudio.core.project import Project, Sample
from cnnstudio.ui.problem_words import problem_words
from cnnstudio.ui.words import counted, when

_CUTS = {
    "crop": "What is dark is cut off",
    "pad": "Nothing is cut off; grey fills the rest of the square",
    "stretch": "Nothing is cut off; the proportions change",
}


def sample_facts(
    project: Project, sample: Sample, knowledge: Knowledge, now: datetime
) -> list[str]:
    """Return class, size in pixels and bytes, date of the file and part of a picture."""
    titles = {each.name: each.title for each in project.classes}
    facts = [titles.get(sample.class_name or "", "without a class")]
    if size := knowledge.sizes.get(sample.path):
        facts.append(f"{size[0]} x {size[1]} pixels")
    facts.append(file_size(sample.size_bytes))
    facts.append(when(datetime.fromtimestamp(sample.modified_ns / 1e9, now.tzinfo), now))
    if sample.pinned_split is not None:
        facts.append(f"{sample.pinned_split} part")
    return facts


def sample_problems(sample: Sample, knowledge: Knowledge) -> str:
    """Return what is wrong with a picture, "" when nothing is known against it."""
    return "; ".join(map(problem_words, knowledge.problems.get(sample.path, ())))


def network_words(project: Project) -> str:
    """Return how large the network sees pictures, and what becomes of their edges."""
    training = project.config.training
    size = training.image_size
    return f"{size} x {size} pixels. {_CUTS[training.resize_mode]}."


def file_size(size_bytes: int) -> str:
    """Return a size in the unit that suits it: "640 bytes", "12 KB", "2.4 MB"."""
    if size_bytes < 1000:
        return counted(size_bytes, "byte")
    if size_bytes < 999_500:
        return f"{round(size_bytes / 1000)} KB"
    return f"{size_bytes / 1e6:.1f} MB"
