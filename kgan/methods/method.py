"""What a method declares of itself, once: all that names methods is made from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from kgan.game.adversarial import AdversarialModel
from kgan.methods.presets.preset import Preset


@dataclasses.dataclass(frozen=True)
class Method:
    """A method as users know it.

    Attributes:
        name: on the command line, and in presets' names before the data set.
        title: in words, as the field writes it.
        model: the class.
        idea: what is new in it, half a sentence.
        source: authors and year.
        link: of the paper; empty where it is not on the web.
        presets: by name of the data set; `"images"` for any image set.
        application: whose `--method` it is, where it has no command of its own.
        cost: how much longer a train step takes than a GAN's, roughly.
        fixed: arguments of the class's bases that are not to be chosen in this method.
        code: the authors' published code, `owner/name` on GitHub; empty where we found none.
        reasons: by name of an argument, why the class has the default that it has, where no paper
            or published code has it.
        terms: whether MaEM-GAN's terms (`kgan.ManifoldEntropy`) may be added to it.
    """

    name: str
    title: str
    model: type[AdversarialModel]
    idea: str
    source: str
    presets: Mapping[str, Preset]
    link: str = ""
    application: str = ""
    cost: float = 1.0
    fixed: Sequence[str] = ()
    code: str = ""
    reasons: Mapping[str, str] = dataclasses.field(default_factory=dict)
    terms: bool = False

    @property
    def command(self) -> str:
        """The application that trains it, such as `"mdgan"`."""
        return self.application or self.name

    def named_presets(self) -> dict[str, Preset]:
        """The presets by whole names, such as `"mdgan_grid"`, with the class that they make."""
        return {
            f"{self.name}_{suffix}": dataclasses.replace(preset, model=self.model)
            for suffix, preset in self.presets.items()
        }
