"""The report card: what stands on the sheet, and that it can be read everywhere."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtPdf import QPdfDocument

from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.report_card import make_report_card
from cnnstudio.core.evaluation.report_html import report_html
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.runs import Run
from cnnstudio.core.training import train_project
from cnnstudio.ui.report_file import write_report
from cnnstudio.ui.report_pdf import write_pdf
from tests.builders import coloured_folder, coloured_picture
from tests.fakes import FakeEngine


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run of which one red test picture lies among the green ones."""
    root = coloured_folder(tmp_path / "salt & pepper", {"red": 20, "green": 20})
    for number in range(8):
        coloured_picture(root / "green" / f"wrong{number}.png", "red", seed=f"w{number}")
    project = scan(root)
    config = with_setting(with_setting(project.config, "image_size", "32"), "epochs", "2")
    return train_project(FakeEngine(), replace(project, config=config))(TaskContext())


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", html)).replace("&nbsp;", " ")


def test_the_sheet_says_the_figures_their_worth_and_their_limits(run: Run) -> None:
    card = make_report_card(run)(TaskContext())
    html = report_html(card)
    text = text_of(html)
    right, count = card.figures.correct, card.figures.count
    assert count == run.counts["test"]
    assert f"{right} of {count} right: the true figure lies somewhere between" in text
    assert "salt &amp; pepper" in html, "names are no mark-up"
    assert "a picture of something else may be taken for one" in text
    assert "Fewer than 10 pictures each judge" in text
    assert f"seed {run.config.training.seed}" in text
    assert "tensorflow" in text
    for name in run.class_titles:
        assert name in text


def test_the_surest_mistakes_are_shown_first_with_their_pictures(run: Run) -> None:
    card = make_report_card(run)(TaskContext())
    wrong = card.figures.count - card.figures.correct
    assert len(card.mistakes) == min(wrong, 6)
    shares = [each.probability for each in card.mistakes]
    assert shares == sorted(shares, reverse=True)
    assert all(each.jpeg.startswith(b"\xff\xd8") for each in card.mistakes)
    assert report_html(card).count("data:image/jpeg") == len(card.mistakes)


def test_nothing_is_fetched_from_elsewhere(run: Run) -> None:
    html = report_html(make_report_card(run)(TaskContext()))
    links = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert all(each.startswith("data:") for each in links)
    assert "<script" not in html
    for chart in re.findall(r"<svg .*?</svg>", html, re.DOTALL):
        ElementTree.fromstring(chart)


def test_a_run_without_its_pictures_still_has_a_report(run: Run) -> None:
    for picture in run.folder.parents[2].glob("green/*"):
        picture.unlink()
    card = make_report_card(run)(TaskContext())
    assert {each.jpeg for each in card.mistakes} <= {b""}
    assert "right" in report_html(card)


@pytest.mark.usefixtures("qapp")
def test_it_is_written_as_html_and_as_one_page_of_pdf(run: Run, tmp_path: Path) -> None:
    write_report(run, tmp_path / "a.html")(TaskContext())
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    write_report(run, tmp_path / "a.pdf")(TaskContext())
    data = (tmp_path / "a.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", data)) == 1


def test_a_heading_is_never_the_last_on_its_page(tmp_path: Path) -> None:
    after = "<h2>Heading</h2>" + "<p>after</p>" * 60
    for count in range(34, 48):  # one of them leaves room for the heading only
        write_pdf("<p>before</p>" * count + after, tmp_path / "a.pdf")
        document = QPdfDocument()
        document.load(str(tmp_path / "a.pdf"))
        assert document.pageCount() > 1
        assert not document.getAllText(0).text().strip().endswith("Heading")
        document.close()


def test_another_ending_is_refused_in_words(run: Run, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"as \.html or \.pdf, not as \.docx"):
        write_report(run, tmp_path / "a.docx")(TaskContext())
    assert not (tmp_path / "a.docx").exists()
