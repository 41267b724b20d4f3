"""Typed settings that describe themselves.

A setting is a field of a frozen dataclass made with `setting(...)`. Its `Parameter` says what
values are allowed and how to show it, so one table serves the form in the window, the check of a
file that was read, and `--set KEY=VALUE` on the command line.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from cnnstudio.core.errors import StudioError

Kind = Literal["float", "int", "bool", "choice"]
Scale = Literal["linear", "log", "percent"]
T = TypeVar("T")


@dataclass(frozen=True)
class Parameter:
    """One setting: its allowed values, its unit and its words on screen.

    `choices` holds (value, label) pairs for the kind "choice". `scale` tells a slider how to move:
    "percent" values are fractions (0.2) shown as per cent (20 %).
    """

    key: str
    label: str
    kind: Kind
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    unit: str = ""
    choices: tuple[tuple[Any, str], ...] = ()
    help: str = ""
    scale: Scale = "linear"

    def checked(self, value: Any) -> Any:
        """Return `value` in this parameter's own type.

        Raises:
            StudioError: the value has the wrong type or lies outside the allowed values.
        """
        if self.kind == "choice":
            allowed = [choice for choice, _ in self.choices]
            if value not in allowed:
                raise self._refused(value, "one of " + ", ".join(str(a) for a in allowed))
            return value
        if self.kind == "bool":
            if not isinstance(value, bool):
                raise self._refused(value, "true or false")
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._refused(value, "a number")
        if not math.isfinite(value):
            raise self._refused(value, "a number")
        if self.kind == "int":
            if int(value) != value:
                raise self._refused(value, "a whole number")
            value = int(value)
        else:
            value = float(value)
        if self.minimum is not None and value < self.minimum:
            raise self._refused(value, f"at least {_in_digits(self.minimum)}")
        if self.maximum is not None and value > self.maximum:
            raise self._refused(value, f"at most {_in_digits(self.maximum)}")
        return value

    def _refused(self, value: Any, wanted: str) -> StudioError:
        return StudioError(f"{self.label} ({self.key}) must be {wanted}. Received: {value!r}.")


def _in_digits(number: float) -> str:
    return str(int(number)) if number == int(number) else f"{number:g}"


def setting(
    default: Any,
    label: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    step: float | None = None,
    unit: str = "",
    choices: tuple[tuple[Any, str], ...] = (),
    help: str = "",  # noqa: A002 - the word that forms and argparse use
    scale: Scale = "linear",
) -> Any:
    """Return a dataclass field that carries its `Parameter`; the kind follows from the default."""
    kind: Kind
    if choices:
        kind = "choice"
    elif isinstance(default, bool):
        kind = "bool"
    else:
        kind = "int" if isinstance(default, int) else "float"
    parameter = Parameter(
        "", label, kind, default, minimum, maximum, step, unit, choices, help, scale
    )
    return dataclasses.field(default=default, metadata={"parameter": parameter})


def parameters_of(settings: type) -> list[Parameter]:
    """Return the parameters of a dataclass, in the order of its fields."""
    return [
        dataclasses.replace(field.metadata["parameter"], key=field.name)
        for field in dataclasses.fields(settings)
        if "parameter" in field.metadata
    ]


def to_dict(settings: Any) -> dict[str, Any]:
    """Return a settings value as plain JSON types."""
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(settings)))
    return plain


def from_dict(settings: type[T], plain: Any, *, tolerant: bool = False) -> T:
    """Return the settings value that `plain` (as from `to_dict`) describes.

    Missing keys take their defaults. With `tolerant`, unknown keys and values that are no longer
    allowed are passed over, so that a file of another version still opens.

    Raises:
        StudioError: not tolerant, and a key is unknown or a value is not allowed.
    """
    if not isinstance(plain, Mapping):
        if tolerant:
            return settings()
        raise StudioError(f"Settings must be a group of names and values. Received: {plain!r}.")
    fields = {field.name: field for field in dataclasses.fields(typing.cast(Any, settings))}
    hints = get_type_hints(settings)
    values: dict[str, Any] = {}
    for key, value in plain.items():
        if key not in fields:
            if tolerant:
                continue
            raise StudioError(
                f"There is no setting {key!r}.", f"The settings here are: {', '.join(fields)}."
            )
        try:
            values[key] = _value_from(fields[key], hints[key], value, tolerant)
        except StudioError:
            if not tolerant:
                raise
    return settings(**values)


def _value_from(field: dataclasses.Field[Any], hint: Any, value: Any, tolerant: bool) -> Any:
    if "parameter" in field.metadata:
        return dataclasses.replace(field.metadata["parameter"], key=field.name).checked(value)
    if dataclasses.is_dataclass(hint):
        return from_dict(typing.cast(type, hint), value, tolerant=tolerant)
    if get_origin(hint) is tuple:
        kind = get_args(hint)[0]
        if not isinstance(value, list | tuple):
            raise StudioError(f"{field.name} must be a list. Received: {value!r}.")
        if dataclasses.is_dataclass(kind):
            return tuple(
                from_dict(typing.cast(type, kind), each, tolerant=tolerant) for each in value
            )
        return tuple(value)
    kinds = get_args(hint) if get_origin(hint) in (types.UnionType, typing.Union) else (hint,)
    if not isinstance(value, kinds):
        raise StudioError(f"{field.name} has a value of the wrong kind. Received: {value!r}.")
    return value


def with_setting(settings: T, path: str, text: str) -> T:
    """Return `settings` with the value at a dotted path replaced, as `--set PATH=TEXT` asks.

    A path names fields and, in lists, places counted from 0: `training.epochs`,
    `network.blocks.1.filters`. A field's bare name does when only one field bears it: `epochs`.

    Raises:
        StudioError: no such setting, several of that name, or a value that is not allowed.
    """
    plain = to_dict(settings)
    parts = setting_path(settings, path).split(".")
    place: Any = plain
    for part in parts[:-1]:
        place = _step(place, part, path)
    last = parts[-1]
    _step(place, last, path)
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    place[int(last) if isinstance(place, list) else last] = value
    return from_dict(type(settings), plain)


def setting_path(settings: Any, path: str) -> str:
    """Return the dotted path that a bare name stands for, as for `with_setting`; others as given.

    Raises:
        StudioError: no field bears that name, or several do.
    """
    plain = to_dict(settings)
    if "." in path or path in plain:
        return path
    found = [".".join(each) for each in _paths_ending_in(plain, path)]
    if len(found) != 1:
        reason = "is ambiguous" if found else "is not a setting"
        raise StudioError(
            f"{path!r} {reason}.", f"Choose from: {', '.join(found) or ', '.join(plain)}."
        )
    return found[0]


def _step(place: Any, part: str, path: str) -> Any:
    try:
        if isinstance(place, list) and part.isdecimal():  # places do not count from the end
            return place[int(part)]
        if isinstance(place, dict):
            return place[part]
    except (KeyError, IndexError):
        pass
    names: list[str] = []
    if isinstance(place, dict | list):
        names = [str(name) for name in (place if isinstance(place, dict) else range(len(place)))]
    raise StudioError(
        f"There is no setting {path!r}: {part!r} is unknown.",
        f"Choose from: {', '.join(names)}." if names else "What stands before it is a value.",
    )


def _paths_ending_in(plain: Mapping[str, Any], name: str) -> list[list[str]]:
    found = []
    for key, value in plain.items():
        if key == name:
            found.append([key])
        if isinstance(value, Mapping):
            found += [[key, *rest] for rest in _paths_ending_in(value, name)]
    return found
