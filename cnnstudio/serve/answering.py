"""Many requests share one network: their pictures are decoded side by side and answered together.

A small pool of threads decodes. One thread, the only one that ever calls the engine, takes what is
decoded whenever it is free, up to a batch, whoever sent it: under load batches fill by themselves,
and a single picture waits for nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.caution import CAUTION_FILE, Caution, load_caution
from cnnstudio.core.evaluation.making_caution import answers_with_doubts
from cnnstudio.core.predicting import BATCH
from cnnstudio.core.predictions import Doubt, NamedBytes, PictureProblem, Prediction
from cnnstudio.core.runs import Run
from cnnstudio.serve.limits import FEWER_OR_SMALLER, Limits
from cnnstudio.serve.refusal import busy

_log = logging.getLogger(__name__)

Answer = Prediction | PictureProblem

Probabilities = npt.NDArray[np.float32]

_Results = Sequence[tuple["_Asked", "Answer | Exception | None"]]


class _Asked:
    """A picture on its way through; `answer` belongs to the event loop."""

    def __init__(self, picture: NamedBytes, answer: asyncio.Future[Answer]) -> None:
        self.picture = picture
        self.answer = answer
        self.pixels: Pictures | None = None


class Answering:
    """Answers pictures with one run, as the window does; `start` before, `close` after."""

    def __init__(self, engine: Engine, run: Run, limits: Limits) -> None:
        self.run = run
        self._engine = engine
        self._limits = limits
        self._waiting = 0
        self._ready: deque[_Asked] = deque()
        self._changed = threading.Condition()
        self._is_closing = False
        self._decoding = ThreadPoolExecutor(min(os.cpu_count() or 1, 8), "decoding")
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        self._began: Future[None] = Future()
        self._caution: Caution | None = None
        self._caution_state: object = None

    @property
    def waiting(self) -> int:
        """How many pictures wait for an answer."""
        return self._waiting

    def start(self, wait_s: float = 0.2) -> None:
        """Load the network and answer one grey picture, so that the first real one is quick.

        Raises:
            StudioError: the model cannot be loaded.
        """
        self._thread.start()
        while True:
            try:
                self._began.result(wait_s)  # in short waits, so that Ctrl-C ends it everywhere
            except TimeoutError:
                continue
            return

    def close(self) -> None:
        """End the threads; what still waits is not answered."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._decoding.shutdown(cancel_futures=True)
        self._thread.join()

    async def answers_to(self, pictures: Sequence[NamedBytes]) -> list[Answer]:
        """Return the answers to pictures, in their order.

        Raises:
            Refusal: too many wait already, or it takes too long.
            StudioError: the model is gone or is not that of the run.
        """
        if self._waiting and self._waiting + len(pictures) > self._limits.waiting:
            raise busy("More pictures are waiting than are answered in a moment.")
        loop = asyncio.get_running_loop()
        asked = [_Asked(picture, loop.create_future()) for picture in pictures]
        self._waiting += len(asked)
        for each in asked:
            self._decoding.submit(self._decode, each, loop)
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await asyncio.gather(*(each.answer for each in asked))
        except TimeoutError:
            raise busy(
                f"The answer takes longer than {self._limits.seconds:.0f} s.",
                f"{FEWER_OR_SMALLER} If it was a small one, try it again later.",
            ) from None

    # On the threads that decode

    def _decode(self, asked: _Asked, loop: asyncio.AbstractEventLoop) -> None:
        if asked.answer.cancelled():  # nobody waits for it any more
            _tell(loop, self._settle, [(asked, None)])
            return
        training = self.run.config.training
        try:
            asked.pixels = read_array(
                asked.picture.data,
                training.image_size,
                training.resize_mode,
                self._limits.pixels,
            )
        except UnreadablePicture as problem:
            answer = PictureProblem(asked.picture.name, problem.reason)
            _tell(loop, self._settle, [(asked, answer)])
            return
        except Exception as error:  # noqa: BLE001 - a lost picture would be waited for for ever
            _log.exception("A picture could not be decoded")
            _tell(loop, self._settle, [(asked, error)])
            return
        with self._changed:
            self._ready.append(asked)
            self._changed.notify()

    # On the engine thread

    def _work(self) -> None:
        try:
            self._engine.prepare()
            size = self.run.config.training.image_size
            self._answers_of(np.full((1, size, size, 3), 127, np.uint8))
        except Exception as error:  # noqa: BLE001 - told to whoever waits in `start`
            self._began.set_exception(error)
            return
        self._began.set_result(None)
        while lot := self._next_lot():
            self._answer(lot)

    def _next_lot(self) -> list[_Asked]:
        with self._changed:
            while not self._ready and not self._is_closing:
                self._changed.wait()
            return [self._ready.popleft() for _ in range(min(BATCH, len(self._ready)))]

    def _answer(self, lot: Sequence[_Asked]) -> None:
        pixels = [each.pixels for each in lot if each.pixels is not None]
        results: _Results
        try:
            answers = self._answers_of(np.stack(pixels))
            results = [
                (each, Prediction.of(each.picture.name, self.run.class_names, row, doubt))
                for each, row, doubt in zip(lot, *answers, strict=True)
            ]
        except Exception as error:  # noqa: BLE001 - told to whoever sent the pictures
            if not isinstance(error, StudioError):
                _log.exception("Pictures could not be answered")
            results = [(each, error) for each in lot]
        _tell(lot[0].answer.get_loop(), self._settle, results)

    def _answers_of(self, pictures: Pictures) -> tuple[Probabilities, list[Doubt | None]]:
        if not self.run.model_file.is_file():
            raise StudioError(f"The model of the run {self.run.name} is missing.", "Train again.")
        state = _state(self.run.folder / CAUTION_FILE)
        if state != self._caution_state:  # what it is unsure about was chosen anew in the window
            self._caution, self._caution_state = load_caution(self.run.folder), state
        return answers_with_doubts(self._engine, self.run, self._caution, pictures)

    # On the event loop

    def _settle(self, results: _Results) -> None:
        self._waiting -= len(results)
        for asked, result in results:
            if asked.answer.done():
                continue
            if isinstance(result, Exception):
                asked.answer.set_exception(result)
            elif result is not None:
                asked.answer.set_result(result)


def _tell(
    loop: asyncio.AbstractEventLoop,
    settle: Callable[[_Results], None],
    results: _Results,
) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(settle, results)


def _state(file: Path) -> object:
    try:
        found = file.stat()
    except OSError:
        return "missing"
    return found.st_mtime_ns, found.st_size
