"""What layers refuse that use their kernel in a way of their own."""

from __future__ import annotations

from typing import Any

from kgan.errors import InputError


class OwnKernel:
    """Mixed into a Keras layer whose call is not Keras': it has no LoRA and no quantization.

    Keras' own `quantize` refuses it already: it knows the layers that it can quantize.

    Raises:
        InputError: if it is asked for either.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        rank = getattr(self, "lora_rank", None)
        if rank:
            self.enable_lora(rank)
        mode = self.quantization_mode  # type: ignore[attr-defined]
        if mode is not None:
            raise self._refused(f"an integer kernel. Received: the quantization {mode}")

    def enable_lora(self, rank: int, *args: Any, **kwargs: Any) -> None:
        """Refused: `call` would not see the low-rank part."""
        raise self._refused(f"LoRA. Received: a rank of {rank}")

    def along_channels(self, bias: Any) -> Any:
        """The bias `(outputs,)` in a shape that can be added to outputs `(n, ...)`."""
        first = getattr(self, "data_format", None) == "channels_first"
        return bias[:, None, None] if first else bias

    def _refused(self, what: str) -> InputError:
        return InputError(
            f"A {type(self).__name__} cannot have {what} for {self.name}; "  # type: ignore[attr-defined]
            "train its kernel itself."
        )
