"""The coach, on curves of real trainings and on curves with the noise of real ones.

`recorded_trainings.json` holds what `cnnstudio train --preset classic` said of sample digits (28
px) and of photos of clothing (48 px), at learning rates good and bad, and of few pictures.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.core.catalog.training_presets import TRAINING_PRESETS, training_preset
from cnnstudio.core.coach import Advice, advise, patience_words
from cnnstudio.core.config import AugmentationConfig, RunConfig, TrainingConfig
from cnnstudio.core.events import EpochEnded

RECORDED = json.loads((Path(__file__).parent / "recorded_trainings.json").read_text())


@dataclass(frozen=True)
class Training:
    """A training to be watched epoch by epoch, or looked at when it is over."""

    config: RunConfig
    counts: dict[str, int]
    class_counts: list[int]
    history: list[EpochEnded]

    def after(self, epochs: int) -> Advice:
        """What the coach says while it runs."""
        return advise(self.history[:epochs], self.config, self.counts, self.class_counts, True)  # type: ignore[arg-type]

    def at_its_end(self) -> Advice:
        return advise(self.history, self.config, self.counts, self.class_counts, False)  # type: ignore[arg-type]

    def said(self) -> list[Advice]:
        return [self.after(epochs) for epochs in range(1, len(self.history) + 1)]

    def states(self) -> list[str]:
        """The states while it runs, each once in a row."""
        states = [each.state for each in self.said()]
        return [each for place, each in enumerate(states) if states[place - 1 : place] != [each]]


def recorded(name: str) -> Training:
    kept = RECORDED[name]
    config = training_preset(kept["preset"]).config
    if not kept["is_augmented"]:
        config = replace(config, augmentation=AugmentationConfig())
    config = replace(config, training=replace(config.training, **kept["training"]))
    history = [epoch(place, *figures) for place, figures in enumerate(kept["history"], 1)]
    return Training(config, kept["counts"], kept["class_counts"], history)


def epoch(
    number: int,
    loss: float,
    accuracy: float,
    validation_loss: float,
    validation_accuracy: float,
    is_best: bool = False,
) -> EpochEnded:
    return EpochEnded(
        number, loss, accuracy, validation_loss, validation_accuracy, 100.0, 1.0, is_best
    )


def labels(advice: Advice) -> list[str]:
    return [each.label for each in advice.actions]


def test_a_training_that_goes_well_is_told_so_and_offered_more_epochs() -> None:
    training = recorded("learning")
    assert training.states() == ["starting", "learning"]
    assert training.after(6).badge == "learning well"
    end = training.at_its_end()
    assert end.badge == "still improving"
    assert labels(end) == ["Train again with 18 epochs"]
    assert end.actions[0].config is not None
    assert end.actions[0].config.training.epochs == 18


def test_clothes_learned_by_heart_are_seen_with_the_figures_that_show_it() -> None:
    training = recorded("clothing")
    assert training.states() == ["starting", "learning", "memorising"]
    advice = training.after(21)
    assert advice.sentence == (
        "Training pictures 90 % right, validation 71 % and not better for 6 epochs: the network"
        " learns these pictures by heart."
    )
    assert labels(advice) == [
        "Stop and keep epoch 15",
        "Use Fast start",
        "Add augmentation",
        "More dropout (70 %)",
    ]


def test_what_helps_against_learning_by_heart_changes_just_that() -> None:
    training = recorded("clothing")
    stop, fast, augment, dropout = training.after(21).actions
    assert (stop.command, stop.config) == ("stop", None)
    assert fast.config is not None
    assert fast.config.preset == "fast"
    assert augment.config is not None
    assert augment.config.augmentation.rotation == 20
    assert replace(augment.config, augmentation=AugmentationConfig()) == training.config
    assert dropout.config is not None
    assert dropout.config.network.dropout == 0.7


def test_when_it_is_over_there_is_nothing_to_stop() -> None:
    for name in RECORDED:
        actions = recorded(name).at_its_end().actions
        assert not {"stop", "restart"} & {each.command for each in actions}


def test_too_high_a_learning_rate_is_seen_after_three_epochs() -> None:
    training = recorded("rate_01")
    assert training.states() == ["starting", "learning", "rate_too_high"]
    advice = training.after(3)
    assert advice.state == "rate_too_high"
    assert "no better than guessing (10 %)" in advice.sentence
    assert labels(advice) == ["Try learning rate 0.003", "Find the learning rate"]
    assert advice.actions[0].command == "restart"


def test_a_high_rate_that_learns_after_all_is_not_called_too_high() -> None:
    assert recorded("rate_001").states() == ["starting", "learning"]


def test_too_low_a_learning_rate_is_stuck_and_offered_the_usual_one() -> None:
    advice = recorded("rate_tiny").after(4)
    assert advice.state == "stuck"
    assert "A learning rate of 0.000001 is very small." in advice.sentence
    assert labels(advice) == [
        "Try learning rate 0.001",
        "Find the learning rate",
        "Use Fast start",
    ]


def test_a_training_that_has_learned_all_there_is_has_levelled_off_and_is_finished() -> None:
    training = recorded("plateau")
    assert set(training.states()) == {"starting", "learning", "levelled_off"}
    assert training.after(19).sentence == "Validation 96 % right and not better for 4 epochs."
    end = training.at_its_end()
    assert end.state == "finished"
    assert end.sentence == (
        "Validation 97 % right in epoch 23, which was kept; with 269 pictures that is somewhere"
        " between 94 % and 98 %."
    )


@pytest.mark.parametrize("name", ["imbalanced_slow", "imbalanced_stuck"])
def test_always_naming_the_largest_class_is_no_learning(name: str) -> None:
    # 83 % of the pictures are of one class; the validation accuracy swings between 6 and 84 %.
    training = recorded(name)
    assert "memorising" not in training.states()
    assert training.at_its_end().state in {"stuck", "rate_too_high"}
    assert "guessing (83 %)" in training.at_its_end().sentence


def test_with_four_validation_pictures_the_steps_were_too_few_to_judge_anything() -> None:
    training = recorded("two20")
    assert training.states() == ["starting", "learning"]
    end = training.at_its_end()
    assert end.badge == "hardly begun"
    assert labels(end) == ["Train again with 45 epochs", "Batches of 8 pictures"]


def test_few_validation_pictures_are_said_rather_than_advised_on() -> None:
    training = recorded("clothing")
    few = replace(training, counts={"train": 135, "validation": 15, "test": 0})
    advice = few.after(20)
    assert advice.state == "too_few"
    assert "one of them is 7 points of the accuracy" in advice.sentence
    assert advice.actions == ()


def test_a_loss_that_shoots_up_is_seen_while_the_accuracy_still_holds() -> None:
    good = recorded("plateau")
    jumped = [
        *good.history[:8],
        epoch(9, 1.1, 0.75, 1.2, 0.74),
        epoch(10, 1.9, 0.66, 2.0, 0.66),
    ]
    advice = replace(good, history=jumped).after(10)
    assert advice.state == "rate_too_high"
    assert (
        "The loss jumps instead of falling (1.9 now, 2.03 after the first epoch)" in advice.sentence
    )
    assert "Try learning rate 0.0003" in labels(advice)


def test_one_bad_epoch_is_forgiven() -> None:
    good = recorded("plateau")
    history = list(good.history[:12])
    history[9] = epoch(10, 0.5, 0.84, 0.6, 0.83)
    states = set(replace(good, history=history).states())
    assert states == {"starting", "learning", "levelled_off"}


def test_a_loss_that_is_no_number_is_too_high_a_rate() -> None:
    good = recorded("learning")
    broken = [*good.history[:3], epoch(4, math.nan, 0.1, math.nan, 0.1)]
    assert replace(good, history=broken).after(4).state == "rate_too_high"


def test_while_the_learning_rate_warms_up_nothing_is_judged() -> None:
    slow = recorded("rate_tiny")
    warm = replace(slow.config, training=replace(slow.config.training, warmup_epochs=4))
    assert replace(slow, config=warm).after(5).state == "starting"


def test_fast_start_that_has_finished_leads_to_fine_tuning() -> None:
    training = recorded("plateau")
    fast = replace(training, config=training_preset("fast").config)
    (action,) = fast.at_its_end().actions
    assert action.label == "Fine-tune this"
    assert action.config is not None
    assert action.config.preset == "fine"


def test_without_the_counts_of_the_classes_nobody_is_told_of_guessing() -> None:
    for name in RECORDED:
        training = replace(recorded(name), class_counts=[])
        assert not any("guessing" in each.sentence for each in training.said())
    assert replace(recorded("clothing"), class_counts=[]).at_its_end().state == "memorising"


def test_fast_start_is_left_to_learn_until_other_pictures_suffer() -> None:
    training = recorded("fast_clothing")
    assert {each.state for each in training.said()[:17]} == {"starting", "learning", "levelled_off"}
    end = training.at_its_end()
    assert labels(end) == ["Fine-tune this", "Add augmented variants", "More dropout (40 %)"]


def test_another_way_of_training_keeps_the_split_and_the_seed() -> None:
    training = recorded("clothing")
    own = replace(training.config.training, seed=7, test_share=0.2, validation_share=0.1)
    changed = replace(training, config=replace(training.config, training=own))
    config = changed.after(21).actions[1].config
    assert config is not None
    assert (config.training.seed, config.training.test_share) == (7, 0.2)
    assert config.training.validation_share == 0.1
    assert config.training.epochs == training_preset("fast").config.training.epochs


Curve = Callable[[float], tuple[float, float, float, float]]
"""From an epoch to loss, accuracy, validation loss and validation accuracy without noise."""


def by_heart(t: float) -> tuple[float, float, float, float]:
    seen = 1 - 0.8 * math.exp(-t / 4)
    return 1.6 * math.exp(-t / 4), seen, 0.9 + 0.03 * t, min(seen, 0.7 - 0.002 * t)


def steady(t: float) -> tuple[float, float, float, float]:
    share = 0.9 - 0.7 * math.exp(-t / 8)
    loss = 0.3 + 1.3 * math.exp(-t / 8)
    return loss, share, loss + 0.05, share - 0.01


def settled(t: float) -> tuple[float, float, float, float]:
    share = 0.9 - 0.7 * math.exp(-t / 1.5)
    loss = 0.3 + 1.3 * math.exp(-t / 1.5)
    return loss, share, loss + 0.05, share - 0.02


def guessing(t: float) -> tuple[float, float, float, float]:
    return math.log(5), 0.2, math.log(5), 0.2


def simulated(curve: Curve, seed: int, epochs: int, validation: int = 150) -> Training:
    """Five classes, 700 training pictures; accuracies are drawn as counts of right answers.

    Of the right answers of one epoch most are right in the next, so that a curve wanders.
    """
    random = np.random.default_rng(seed)
    hard = random.random(validation)  # how hard each validation picture is
    history, best = [], -1.0
    for number in range(1, epochs + 1):
        loss, share, validation_loss, validation_share = curve(number)
        right = (hard + random.normal(0, 0.12, validation)) % 1 < validation_share
        accuracy = random.binomial(700, share) / 700
        is_best = bool(right.mean() > best)
        best = max(best, right.mean())
        history.append(
            epoch(
                number,
                loss * math.exp(random.normal(0, 0.06)) if curve is not guessing else loss,
                accuracy,
                validation_loss * math.exp(random.normal(0, 0.06))
                if curve is not guessing
                else loss,
                float(right.mean()),
                is_best,
            )
        )
    config = replace(training_preset("classic").config, training=TrainingConfig(epochs=epochs))
    return Training(config, {"train": 700, "validation": validation}, [170] * 5, history)


def endings(curve: Curve, epochs: int, **options: int) -> Counter[str]:
    return Counter(
        simulated(curve, seed, epochs, **options).after(epochs).state for seed in range(100)
    )


@pytest.mark.parametrize(
    ("curve", "epochs", "state", "at_least"),
    [
        pytest.param(by_heart, 20, "memorising", 97, id="by heart"),
        pytest.param(steady, 10, "learning", 97, id="learning"),
        pytest.param(settled, 25, "levelled_off", 70, id="settled"),
        pytest.param(guessing, 6, "stuck", 90, id="guessing"),
    ],
)
def test_noise_does_not_mislead_the_coach(
    curve: Curve, epochs: int, state: str, at_least: int
) -> None:
    found = endings(curve, epochs)
    assert found[state] >= at_least, found


def test_a_sound_training_is_never_taken_for_one_that_needs_help() -> None:
    for curve in (steady, settled):
        for seed in range(50):
            states = set(simulated(curve, seed, 25).states())
            assert states <= {"starting", "learning", "levelled_off"}, (curve, seed)


number = st.one_of(
    st.floats(0, 1), st.floats(0, 1e30), st.just(math.nan), st.just(math.inf), st.just(0.0)
)
share = st.one_of(st.floats(0, 1), st.just(math.nan))
figures = st.tuples(number, share, number, share, st.booleans())
count = st.integers(0, 5000)


@settings(deadline=None)  # of the machine, not of the code
@given(
    st.lists(figures, max_size=30),
    st.sampled_from([preset.key for preset in TRAINING_PRESETS]),
    st.tuples(count, count),
    st.lists(count, max_size=6),
    st.booleans(),
)
def test_whatever_the_curves_the_coach_says_something_and_the_same_again(
    rows: Sequence[tuple[float, float, float, float, bool]],
    preset: str,
    counts: tuple[int, int],
    class_counts: list[int],
    is_running: bool,
) -> None:
    history = [epoch(place, *row) for place, row in enumerate(rows, 1)]
    config = training_preset(preset).config
    by_part = {"train": counts[0], "validation": counts[1]}

    def said() -> Advice:
        return advise(history, config, by_part, class_counts, is_running)  # type: ignore[arg-type]

    advice = said()
    assert advice == said()
    assert advice.badge
    assert advice.sentence.endswith(".")
    assert "nan" not in advice.sentence
    assert "inf" not in advice.sentence
    for action in advice.actions:
        assert (action.config is not None) == (action.command in {"train", "restart"})
        assert action.config != config
    if len(history) < 2:
        assert (advice.state, advice.actions) == ("starting", ())
    assert isinstance(patience_words(history, 8), str)


@pytest.mark.parametrize(
    ("best", "epochs", "patience", "words"),
    [
        (5, 8, 8, "3 epochs since the best, stops at 8"),
        (7, 8, 8, "1 epoch since the best, stops at 8"),
        (5, 8, 0, "3 epochs since the best"),
        (8, 8, 8, "the last epoch is the best so far"),
        (1, 0, 8, ""),
    ],
)
def test_patience_is_told_in_epochs(best: int, epochs: int, patience: int, words: str) -> None:
    history = [epoch(place, 1, 0.5, 1, 0.5, place == best) for place in range(1, epochs + 1)]
    assert patience_words(history, patience) == words


def test_where_no_epoch_was_better_the_start_was_kept() -> None:
    config = training_preset("fine").config
    counts = {"train": 40, "validation": 8}
    worse = [replace(epoch(n, 1.0, 0.6, 1.2, 0.5), is_best=False) for n in range(1, 11)]
    said = advise(worse, config, counts, [20, 20], False)  # type: ignore[arg-type]
    assert "epoch 0" not in said.sentence
    running = advise(worse, config, counts, [20, 20], True)  # type: ignore[arg-type]
    assert not any("epoch 0" in each.label for each in running.actions)


@pytest.mark.parametrize("preset", ["classic", "fast", "fine"])
@pytest.mark.parametrize("is_running", [True, False])
def test_all_training_pictures_right_and_hardly_any_other_is_called_by_heart(
    preset: str, is_running: bool
) -> None:
    config = training_preset(preset).config
    # The validation loss stays as it is: nothing gets worse, and nothing was ever better.
    history = [epoch(1, 2.0, 0.6, 4.6, 0.03, True)]
    history += [epoch(number, 0.02, 1.0, 4.6, 0.03) for number in range(2, 8)]
    counts = {"train": 900, "validation": 300, "test": 300}
    advice = advise(history, config, counts, [15] * 100, is_running)  # type: ignore[arg-type]
    assert advice.state == "memorising"
    assert "Training pictures 100 % right, validation 3 %: learned by heart" in advice.sentence
    assert "rightly labelled" in advice.sentence
    assert set(labels(advice)) & {"Use Fast start", "Add augmented variants", "More dropout (40 %)"}


def test_a_wide_gap_is_not_held_against_a_training_that_still_gets_better() -> None:
    config = training_preset("fast").config
    history = [
        epoch(n, max(0.01, 1.3 - 0.5 * n), min(1.0, 0.4 * n), 3 - 0.2 * n, 0.2 + 0.04 * n, True)
        for n in range(1, 9)
    ]
    counts = {"train": 900, "validation": 300, "test": 300}
    advice = advise(history, config, counts, [15] * 100, True)  # type: ignore[arg-type]
    assert advice.state == "learning"
