"""Finding out which pictures an edit has moved where, from the project before and after it."""

from __future__ import annotations

from collections import defaultdict

from cnnstudio.core.project import Project


def moved_paths(before: Project, after: Project) -> dict[str, str | None]:
    """Return for every path that is gone the one its picture has now, or None.

    A picture is known again by size and time of change, which moving leaves alone, and by its name
    where several are alike. Nothing is read from disk.
    """
    if before.samples is after.samples:
        return {}
    gone = before.sample_at.keys() - after.sample_at.keys()
    places: dict[tuple[int, int], list[str]] = defaultdict(list)
    if gone:
        for path in after.sample_at.keys() - before.sample_at.keys():
            sample = after.sample_at[path]
            places[sample.size_bytes, sample.modified_ns].append(path)
    moved: dict[str, str | None] = {}
    for path in gone:
        sample = before.sample_at[path]
        alike = places.get((sample.size_bytes, sample.modified_ns), [])
        same_name = [place for place in alike if place.endswith(f"/{sample.file_name}")]
        found = same_name or alike
        moved[path] = found[0] if len(found) == 1 else None
    return moved
