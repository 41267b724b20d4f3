"""Weights of backbones come whole, from the net or a folder, or a sentence says why not."""

from __future__ import annotations

import base64
import errno
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.core.catalog import backbones as catalog
from cnnstudio.core.catalog.backbones import (
    BACKBONES,
    DEFAULT_BACKBONE,
    Backbone,
    WeightsFile,
    backbone_of,
)
from cnnstudio.core.config import RunConfig, parameters_of
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage import backbone_files, backbone_installing, downloading
from cnnstudio.core.storage.backbone_files import (
    check_installed,
    checked_weights,
    installed_keys,
    look,
    partial_file,
    weights_file,
)
from cnnstudio.core.storage.backbone_installing import download, install_found, install_from
from tests.core.storage.weights_server import WeightsServer, serving

CONTENT = b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 1500


@pytest.fixture
def server() -> Iterator[WeightsServer]:
    with serving(WeightsServer(CONTENT)) as running:
        yield running


def backbone_at(url: str, digest: str | None = None) -> Backbone:
    """A row whose file is ours."""
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    file = WeightsFile("weights.h5", url, len(CONTENT), sha256 if digest is None else digest)
    return replace(backbone_of("mobilenet-v2"), weights=file)


@pytest.fixture
def backbone(server: WeightsServer) -> Backbone:
    return backbone_at(server.url)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


def test_a_download_brings_the_file_and_says_how_far_it_is(
    backbone: Backbone, tmp_path: Path
) -> None:
    events: list[Progress] = []
    path = download(backbone, tmp_path / "weights", TaskContext(events.append))
    assert path.read_bytes() == CONTENT
    assert names(tmp_path / "weights") == ["weights.h5"]
    counted = [each for each in events if each.total == len(CONTENT)]
    assert counted[-1].done == len(CONTENT)
    assert counted[-1].seconds_left == 0
    assert "MobileNetV2" in counted[-1].words


def test_what_is_there_already_is_not_asked_for_again(
    backbone: Backbone, server: WeightsServer, tmp_path: Path
) -> None:
    for _ in range(2):
        download(backbone, tmp_path, TaskContext())
    assert len(server.ranges) == 1


@pytest.mark.parametrize("knows_ranges", [True, False], ids=["range", "no range"])
def test_a_download_that_broke_off_is_completed_by_the_next(
    backbone: Backbone, server: WeightsServer, tmp_path: Path, knows_ranges: bool
) -> None:
    server.knows_ranges, server.breaks_off_at = knows_ranges, 100_000
    with pytest.raises(StudioError, match=r"broke off after 0\.1 MB of 0\.4 MB.*goes on"):
        download(backbone, tmp_path, TaskContext())
    assert names(tmp_path) == ["weights.h5.part"]
    assert partial_file(backbone, tmp_path).read_bytes() == CONTENT[:100_000]
    server.breaks_off_at = None
    assert download(backbone, tmp_path, TaskContext()).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=100000-"]


def test_a_server_that_sends_another_part_than_asked_for_is_asked_for_everything(
    backbone: Backbone, server: WeightsServer, tmp_path: Path
) -> None:
    partial_file(backbone, tmp_path).write_bytes(CONTENT[:1000])
    server.wrong_start = True
    assert download(backbone, tmp_path, TaskContext()).read_bytes() == CONTENT
    assert server.ranges == ["bytes=1000-", None]


def test_a_part_that_the_server_cannot_complete_is_begun_again(
    server: WeightsServer, tmp_path: Path
) -> None:
    longer = backbone_at(server.url)
    longer = replace(longer, weights=replace(longer.weights, size_bytes=len(CONTENT) + 2000))
    partial_file(longer, tmp_path).write_bytes(CONTENT + bytes(1000))
    assert download(longer, tmp_path, TaskContext()).read_bytes() == CONTENT


def test_a_whole_part_is_put_in_place_without_asking_anybody(
    backbone: Backbone, server: WeightsServer, tmp_path: Path
) -> None:
    partial_file(backbone, tmp_path).write_bytes(CONTENT)
    assert download(backbone, tmp_path, TaskContext()).read_bytes() == CONTENT
    assert server.ranges == []


def test_the_wrong_bytes_are_removed_and_never_put_in_place(
    backbone: Backbone, server: WeightsServer, tmp_path: Path
) -> None:
    server.content = CONTENT[:-1] + b"!"
    with pytest.raises(
        StudioError, match=r"else than the weights of MobileNetV2.*EfficientNet-Lite0"
    ):
        download(backbone, tmp_path, TaskContext())
    assert names(tmp_path) == []


def test_a_part_of_another_file_does_not_spoil_the_next_try(
    backbone: Backbone, tmp_path: Path
) -> None:
    partial_file(backbone, tmp_path).write_bytes(b"x" * 5000)
    with pytest.raises(StudioError, match="removed"):
        download(backbone, tmp_path, TaskContext())
    assert download(backbone, tmp_path, TaskContext()).read_bytes() == CONTENT


@pytest.mark.parametrize("says_length", [True, False])
def test_a_server_that_sends_without_end_is_left(
    backbone: Backbone, server: WeightsServer, tmp_path: Path, says_length: bool
) -> None:
    server.content, server.says_length = CONTENT * 3, says_length
    with pytest.raises(StudioError, match=r"sends more than the weights"):
        download(backbone, tmp_path, TaskContext())
    assert names(tmp_path) == []


@pytest.mark.parametrize("status", [404, 403, 500])
def test_a_server_without_the_file_is_said(
    backbone: Backbone, server: WeightsServer, tmp_path: Path, status: int
) -> None:
    server.status = status
    with pytest.raises(StudioError, match=rf"does not offer .*{status}.*comes with the program"):
        download(backbone, tmp_path, TaskContext())
    assert names(tmp_path) == []


def test_without_network_the_bundled_choice_and_the_folder_are_offered(tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound but not listening: nobody answers
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/weights.h5"
        with pytest.raises(StudioError) as raised:
            download(backbone_at(url), tmp_path, TaskContext())
    assert raised.value.sentence == "The server 127.0.0.1 could not be reached."
    assert "EfficientNet-Lite0 comes with the program and needs no download." in raised.value.hint
    assert "from a folder" in raised.value.hint


@pytest.mark.parametrize(
    "url", ["http://example.org/weights.h5", "file:///etc/hostname", "ftp://127.0.0.1/weights.h5"]
)
def test_nothing_is_taken_over_a_connection_that_is_not_encrypted(
    tmp_path: Path, server: WeightsServer, url: str
) -> None:
    with pytest.raises(StudioError, match="could not be reached"):
        download(backbone_at(url), tmp_path, TaskContext())
    server.redirect_to = url
    with pytest.raises(StudioError, match=r"could not be reached|does not offer"):
        download(backbone_at(server.url), tmp_path, TaskContext())
    assert len(server.ranges) == 1


def test_from_an_encrypted_address_nobody_is_sent_to_a_plain_one_on_this_computer() -> None:
    assert not downloading._is_allowed("http://127.0.0.1/weights.h5", "https://example.org/w.h5")
    assert downloading._is_allowed("https://elsewhere.org/w.h5", "https://example.org/w.h5")


def test_a_cancelled_download_keeps_what_came_and_goes_on_next_time(
    backbone: Backbone,
    server: WeightsServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cnnstudio.core.jobs.EVENTS_PER_SECOND", 1e9)  # none is passed over
    server.waits_at = 65_536
    context = TaskContext()
    context.listen(lambda event: context.cancel() if event.done else None)
    with pytest.raises(Cancelled):
        download(backbone, tmp_path, context)
    have = partial_file(backbone, tmp_path).stat().st_size
    assert 0 < have <= 65_536
    server.may_go_on.set()
    server.waits_at = None
    assert download(backbone, tmp_path, TaskContext()).read_bytes() == CONTENT
    assert server.ranges[1] == f"bytes={have}-"


def test_a_server_that_says_nothing_does_not_hold_up_a_cancel(
    backbone: Backbone, server: WeightsServer, tmp_path: Path
) -> None:
    server.waits_at = 0
    context = TaskContext()
    threading.Timer(0.1, context.cancel).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        download(backbone, tmp_path, context)
    assert time.monotonic() - began < 5, "it waited for the server, which is silent for 30 s"


def test_no_room_on_the_disk_is_said_before_anything_is_asked(
    backbone: Backbone, server: WeightsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = downloading.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(downloading.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(StudioError, match=r"no room .*0\.4 MB.*Free some space"):
        download(backbone, tmp_path, TaskContext())
    assert server.ranges == []


def test_a_disk_that_fills_up_meanwhile_is_said(
    backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(downloading.os, "fsync", full)
    with pytest.raises(StudioError, match=r"No space left on device.*free space"):
        download(backbone, tmp_path, TaskContext())
    assert not weights_file(backbone, tmp_path).exists()


def test_where_keras_publishes_no_digest_that_of_the_server_decides(
    server: WeightsServer, tmp_path: Path
) -> None:
    backbone = backbone_at(server.url, digest="")
    digest = base64.b64encode(hashlib.md5(CONTENT).digest()).decode()
    server.extra_headers = {"x-goog-hash": f"crc32c=abcd==, md5={digest}"}
    server.content = CONTENT[:-1] + b"!"
    with pytest.raises(StudioError, match="removed"):
        download(backbone, tmp_path, TaskContext())
    server.content = CONTENT
    assert download(backbone, tmp_path, TaskContext()).read_bytes() == CONTENT


@pytest.mark.parametrize("content", [CONTENT[:-1], b"<html>" + CONTENT[6:]])
def test_without_any_digest_size_and_kind_of_file_decide(
    server: WeightsServer, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "weights.h5").write_bytes(content)
    backbone = backbone_at(server.url, digest="")
    with pytest.raises(StudioError, match="does not hold the weights"):
        install_from(tmp_path, backbone, tmp_path / "installed", TaskContext())


@pytest.mark.parametrize("digest", ["sha256", "md5"])
@pytest.mark.parametrize("where", ["folder", "file of another name"])
def test_weights_come_from_a_folder_without_network(
    server: WeightsServer, tmp_path: Path, digest: str, where: str
) -> None:
    backbone = backbone_at(server.url, hashlib.new(digest, CONTENT).hexdigest())
    given = tmp_path / "stick"
    given.mkdir()
    if where == "folder":
        source = given
        (given / "weights.h5").write_bytes(CONTENT)
    else:
        source = given / "weights (1).h5"
        source.write_bytes(CONTENT)
    installed = tmp_path / "installed"
    installed.mkdir()
    partial_file(backbone, installed).write_bytes(CONTENT[:10])
    path = install_from(source, backbone, installed, TaskContext())
    assert path.read_bytes() == CONTENT
    assert names(installed) == ["weights.h5"]
    assert len(names(given)) == 1, "what people brought along stays where it is"
    assert server.ranges == []
    assert checked_weights(backbone, installed) == path


def test_a_folder_without_the_file_says_its_name_and_where_to_get_it(
    backbone: Backbone, tmp_path: Path
) -> None:
    with pytest.raises(StudioError) as raised:
        install_from(tmp_path, backbone, tmp_path / "installed", TaskContext())
    assert "weights.h5" in raised.value.sentence
    assert backbone.weights.url in raised.value.hint


def test_the_wrong_file_in_a_folder_is_not_taken(backbone: Backbone, tmp_path: Path) -> None:
    (tmp_path / "weights.h5").write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(StudioError, match="does not hold the weights of MobileNetV2"):
        install_from(tmp_path, backbone, tmp_path / "installed", TaskContext())
    assert names(tmp_path / "installed") == []


def test_cancelling_a_copy_leaves_nothing_behind(backbone: Backbone, tmp_path: Path) -> None:
    (tmp_path / "weights.h5").write_bytes(CONTENT)
    context = TaskContext()
    context.listen(lambda _: context.cancel())
    with pytest.raises(Cancelled):
        install_from(tmp_path, backbone, tmp_path / "installed", context)
    assert names(tmp_path / "installed") == []


def test_weights_that_were_damaged_later_are_not_used(backbone: Backbone, tmp_path: Path) -> None:
    # The catalogue's own row of that key: what is checked is what stands there.
    row = backbone_of(backbone.key)
    weights_file(row, tmp_path).write_bytes(CONTENT)
    check_installed(row.key, tmp_path)
    with pytest.raises(StudioError, match=r"is damaged.*Delete it"):
        checked_weights(row, tmp_path)


@pytest.mark.parametrize("folder", [None, Path("nowhere")])
def test_before_a_training_it_is_said_how_to_get_a_backbone(folder: Path | None) -> None:
    check_installed(DEFAULT_BACKBONE.key, folder)
    with pytest.raises(StudioError) as raised:
        check_installed("convnext-tiny", folder)
    assert raised.value.sentence == "The weights of ConvNeXt-Tiny are not on this computer yet."
    assert "cnnstudio backbones install convnext-tiny" in raised.value.hint
    assert "EfficientNet-Lite0, which comes with the program" in raised.value.hint
    with pytest.raises(StudioError, match=r"no backbone 'alexnet'.*mobilenet-v2"):
        check_installed("alexnet", folder)


def test_a_folder_brings_all_that_is_missing_and_only_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = tuple(
        replace(row, weights=replace(backbone_at("https://x").weights, name=f"{row.key}.h5"))
        for row in catalog.BACKBONES[1:4]
    )
    monkeypatch.setattr(backbone_installing, "BACKBONES", (catalog.BACKBONES[0], *rows))
    for row in rows[:2]:
        (tmp_path / row.weights.name).write_bytes(CONTENT)
    installed = tmp_path / "installed"
    installed.mkdir()
    weights_file(rows[0], installed).write_bytes(b"there already")
    assert install_found(tmp_path, installed, TaskContext()) == (rows[1],)
    assert weights_file(rows[0], installed).read_bytes() == b"there already"
    with pytest.raises(StudioError, match=r"no weights of a backbone.*https://x"):
        install_found(tmp_path, installed, TaskContext())


def test_what_came_of_a_download_is_known(tmp_path: Path) -> None:
    partial_file(backbone_of("resnet50-v2"), tmp_path).write_bytes(CONTENT[:500])
    found = look(tmp_path)
    assert found["resnet50-v2"].partial_bytes == 500
    assert not found["resnet50-v2"].is_installed


def test_only_what_is_there_can_be_used_at_once(tmp_path: Path) -> None:
    assert installed_keys(tmp_path / "nowhere") == {DEFAULT_BACKBONE.key}
    weights_file(backbone_of("resnet50-v2"), tmp_path).write_bytes(b"")
    assert installed_keys(tmp_path) == {DEFAULT_BACKBONE.key, "resnet50-v2"}


def test_every_row_says_what_a_person_wants_to_know() -> None:
    assert [each.key for each in BACKBONES if each.is_bundled] == [DEFAULT_BACKBONE.key]
    assert len({each.key for each in BACKBONES}) == len(BACKBONES)
    for each in BACKBONES:
        assert each.help[-1] == "."
        assert each.licence
        assert each.relative_speed > 0
        assert len(each.weights.digest) in (0, 32, 64)
        if not each.is_bundled:
            assert each.weights.url.startswith("https://")
            assert each.weights.url.endswith(f"/{each.weights.name}")
            # Four bytes for every number, and a little for their names.
            assert 1 < each.weights.size_bytes / (4 * each.parameters) < 1.07


def test_the_setting_of_a_training_offers_every_row() -> None:
    choices = parameters_of(RunConfig().transfer)
    (backbone,) = [each for each in choices if each.key == "backbone"]
    assert [key for key, _ in backbone.choices] == [each.key for each in catalog.BACKBONES]


def test_the_weights_lie_in_a_folder_of_their_own(tmp_path: Path) -> None:
    assert backbone_files.weights_folder(tmp_path) == tmp_path / "backbones"
