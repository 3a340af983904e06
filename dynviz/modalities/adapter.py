"""What a kind of input has to say: the one interface that inference, evaluation, timing and training use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynviz.datasets.samples import Samples
from dynviz.media.description import Media
from dynviz.media.signal import SeriesInput

if TYPE_CHECKING:
    from dynviz.datasets.registry import Dataset
    from dynviz.training.feed import Feed
    from dynviz.training.recipes import Recipe
    from dynviz.zoo import ModelCard


@dataclass(frozen=True)
class InputForm:
    """How a network wants its inputs; fields of the same names on its card say so. in_side_px, mean, std: of pictures.

    vocabulary: of texts. series: of recordings. What is not of a network's kind of input stays empty.
    """

    in_side_px: int = 0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    vocabulary: str | None = None
    series: SeriesInput | None = None

    @classmethod
    def of(cls, card: ModelCard) -> InputForm:
        return cls(card.in_side_px, card.mean, card.std, card.vocabulary, card.series)


class Adapter(ABC):
    """One kind of input. noun: what one such input is called, in messages. one_picture: feature maps of a network for
    it are of places in one picture.
    """

    noun: str
    one_picture = False

    @abstractmethod
    def prepare(
        self, card: ModelCard, media: Any, framing: str = "crop", rate_hz: float | None = None
    ) -> tuple[Any, Media]:
        """What the network of ``card`` is given, a batch of one, and the description that a trace keeps of ``media``.

        framing: ``crop`` or ``fit``, of pictures. rate_hz: of recordings. Raises ``MediaError`` for input that cannot
        be used, ValueError for arguments that this kind of input does not have.
        """

    @abstractmethod
    def form(self, recipe: Recipe) -> InputForm:
        """How a network trained by ``recipe`` wants its inputs."""

    @abstractmethod
    def samples(self, dataset: Dataset, split: str, form: InputForm) -> Samples:
        """A split of a data set (train, val or test), prepared as a person's input would be."""

    @abstractmethod
    def feed(self, recipe: Recipe) -> Feed:
        """What trains a network by ``recipe``."""

    def kept(self, samples: Samples, network: Any, dataset: Dataset, split: str) -> Samples:
        """The same samples with whatever ``network`` needs to work out of them only once, before it is calibrated on
        them in many passes; as they are, where there is no such thing.
        """
        return samples

    def own_samples(
        self,
        path: Path,
        card: ModelCard,
        left_out: list[str] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Samples:
        """A person's own labelled inputs, a folder or zip laid out as CLASS/file, prepared for the network of ``card``.

        left_out: gets a sentence for each file that cannot be used. progress: called with those read, and all. Raises
        ValueError where that is not offered for this kind of input, or where nothing is found.
        """
        raise ValueError(f"{card.name} reads {card.modality}; data of your own can be pictures only")

    def stand_ins(self, card: ModelCard, count: int) -> Any:
        """``count`` inputs that need no data set, prepared, to measure time on; None where there are none."""
        return None

    def refuse_rate(self, card: ModelCard, rate_hz: float | None) -> None:
        """Raises ValueError where a rate is given to what has none."""
        if rate_hz is not None:
            raise ValueError(f"rate_hz is of recordings; {card.name} reads a {self.noun}")
