"""How far the kernels of a PyTorch module move in a step of its optimizer, seen by hooks."""

from typing import Any

from deepvid.adapters.torch import torch_package
from deepvid.errors import DataError


class WatchedOptimizer:
    """mean |w' - w| / mean |w| and |dL/dw| of each matrix or convolution w, of which a step makes w'.

    Nothing is fetched from a device. The training is what it is without: parameters are read alone. A copy
    of the kernels is kept.
    """

    def __init__(self, module: Any, optimizer: Any, every: int) -> None:
        """Raises DataError for a module without kernels that are trained."""
        self._torch = torch_package()
        kernels = {
            name.removesuffix(".weight"): parameter
            for name, parameter in module.named_parameters()
            if parameter.requires_grad and parameter.ndim > 1
        }
        if not kernels:
            raise DataError(
                "A module that is watched has matrices or convolutions that are trained",
                f"{type(module).__name__} without any",
                "Watch the module that the optimizer trains",
            )
        self.names = tuple(kernels)
        self._kernels, self._optimizer = list(kernels.values()), optimizer
        self._every, self._count = every, 0
        self._copies: list[Any] = []
        self._sizes: Any = None
        self._numbers: tuple[Any, Any] | None = None
        self._hooks = (
            optimizer.register_step_pre_hook(self._before),
            optimizer.register_step_post_hook(self._after),
        )

    @property
    def rate(self) -> float:
        """That of the first group of parameters."""
        return float(self._optimizer.param_groups[0]["lr"])

    def moved(self) -> tuple[Any, Any] | None:
        """Of the optimizer's last step, once."""
        numbers, self._numbers = self._numbers, None
        return numbers

    def close(self) -> None:
        """Looks no more."""
        for hook in self._hooks:
            hook.remove()

    def _before(self, *_: Any) -> None:
        torch, self._sizes = self._torch, None
        self._count += 1
        if (self._count - 1) % self._every:
            return
        with torch.no_grad():
            if not self._copies:
                self._copies = [torch.empty_like(kernel) for kernel in self._kernels]
            torch._foreach_copy_(self._copies, self._kernels)
            self._sizes = torch._foreach_norm(self._copies, 1)

    def _after(self, *_: Any) -> None:
        torch = self._torch
        if self._sizes is None:
            return
        with torch.no_grad():
            torch._foreach_sub_(self._copies, self._kernels)
            steps = torch._foreach_norm(self._copies, 1)
            ratios = torch.stack([step.float() / size for step, size in zip(steps, self._sizes, strict=True)])
            absent = torch.full((), float("nan"), device=ratios.device)
            gradients = [kernel.grad for kernel in self._kernels]
            known = iter(torch._foreach_norm([one for one in gradients if one is not None]))
            norms = [absent if one is None else next(known).float() for one in gradients]
            self._numbers = ratios, torch.stack(norms)
