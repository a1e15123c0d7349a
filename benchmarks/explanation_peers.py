"""The same explanations by grad-cam, captum and lime, of the same weights in PyTorch, channels summed."""

import contextlib
import io
from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from captum.attr import GradientShap, IntegratedGradients, Occlusion
from lime.lime_image import LimeImageExplainer
from pytorch_grad_cam import GradCAM, GradCAMPlusPlus, HiResCAM, ScoreCAM
from torch import nn
from torch.nn import functional

from deepvid.models import LayeredClassifier
from deepvid.models.normalization import EPSILON

Peer = Callable[[np.ndarray, np.ndarray], np.ndarray]  # image (y, x, channel), classes (2,) -> map (y, x)
torch.set_num_threads(1)


class ConvNorm(nn.Module):
    def __init__(self, ours: Any) -> None:
        super().__init__()
        kernel = _tensor(ours.kernel).permute(3, 2, 0, 1).contiguous()
        outputs, inputs, self.size, _ = kernel.shape
        self.stride = ours.stride
        self.conv = nn.Conv2d(inputs, outputs, self.size, self.stride, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=EPSILON)
        self.conv.weight.data = kernel
        self.norm.weight.data, self.norm.bias.data = _tensor(ours.norm.scale), _tensor(ours.norm.bias)
        self.norm.running_mean, self.norm.running_var = _tensor(ours.norm.mean), _tensor(ours.norm.var)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Padded as XLA's "SAME": as many outputs as strides fit in, the odd pixel at the far end."""
        padding = []
        for size in reversed(images.shape[2:]):
            total = max((-(-size // self.stride) - 1) * self.stride + self.size - size, 0)
            padding += [total // 2, total - total // 2]
        return self.norm(self.conv(functional.pad(images, padding)))


class Residual(nn.Module):
    def __init__(self, ours: Any) -> None:
        super().__init__()
        self.convs = nn.ModuleList(map(ConvNorm, ours.convs))
        self.shortcut = ConvNorm(ours.shortcut) if ours.shortcut else nn.Identity()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        output = images
        for conv in self.convs[:-1]:
            output = functional.relu(conv(output))
        return functional.relu(self.convs[-1](output) + self.shortcut(images))


class ResNet(nn.Module):
    """A network of `deepvid.models.resnet`, with its weights."""

    def __init__(self, ours: LayeredClassifier) -> None:
        super().__init__()
        stem, *residuals, _ = ours.blocks
        self.stem = ConvNorm(stem.conv)
        self.blocks = nn.Sequential(*map(Residual, residuals))
        self.dense = nn.Linear(ours.dense.in_features, ours.dense.out_features)
        self.dense.weight.data = _tensor(ours.dense.kernel).T.contiguous()
        self.dense.bias.data = _tensor(ours.dense.bias)
        self.eval()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.dense(self.blocks(functional.relu(self.stem(images))).mean(dim=(2, 3)))


class Margin(nn.Module):
    """One output: logit[classes[0]] - logit[classes[1]]."""

    def __init__(self, network: nn.Module, classes: np.ndarray) -> None:
        super().__init__()
        self.network, (self.a, self.b) = network, (int(index) for index in classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits = self.network(images)
        return logits[:, self.a] - logits[:, self.b]


ACTIVATION_MAPS = {
    "gradcam": GradCAM,
    "hirescam": HiResCAM,
    "gradcam_plus_plus": GradCAMPlusPlus,
    "score_cam": ScoreCAM,
}


def activation_map(network: ResNet, name: str) -> Peer:
    """ReLU, then stretched to [0, 1], as grad-cam gives it. Its Score-CAM puts the corners of activations
    into those of the image, unlike its other maps and ours: here it does as they do.
    """
    explainer = ACTIVATION_MAPS[name](network, [network.blocks[-1]])

    def explain(image: np.ndarray, classes: np.ndarray) -> np.ndarray:
        a, b = map(int, classes)
        enlarge = partial(nn.Upsample, mode="bilinear")
        with silent(), patch.object(nn, "UpsamplingBilinear2d", enlarge):
            return explainer(_batch(image), [lambda logits: logits[a] - logits[b]])[0]

    return explain


def integrated_gradients(network: ResNet, points: int, baseline: np.ndarray) -> Peer:
    def explain(image: np.ndarray, classes: np.ndarray) -> np.ndarray:
        absent = np.broadcast_to(baseline, image.shape)
        return (
            IntegratedGradients(Margin(network, classes))
            .attribute(_batch(image), _batch(absent), n_steps=points, method="gausslegendre")
            .detach()
            .numpy()[0]
            .sum(axis=0)
        )

    return explain


def expected_gradients(network: ResNet, training: np.ndarray, seed: int) -> Peer:
    """As many points as there are training images: captum draws these and their shares anew for each."""
    baselines = torch.cat([_batch(image) for image in training])
    torch.manual_seed(seed)

    def explain(image: np.ndarray, classes: np.ndarray) -> np.ndarray:
        explainer = GradientShap(Margin(network, classes))
        found = explainer.attribute(_batch(image), baselines, n_samples=len(training), stdevs=0.0)
        return found.detach().numpy()[0].sum(axis=0)

    return explain


def occlusion(network: ResNet, patch: int, stride: int, baseline: np.ndarray) -> Peer:
    """A window's pixels have its whole drop each, in every channel."""

    def explain(image: np.ndarray, classes: np.ndarray) -> np.ndarray:
        absent = _batch(np.broadcast_to(baseline, image.shape))
        window, step = (len(baseline), patch, patch), (len(baseline), stride, stride)
        with torch.no_grad():
            explainer = Occlusion(Margin(network, classes))
            found = explainer.attribute(_batch(image), window, step, absent, perturbations_per_eval=25)
            return found.numpy()[0, 0]

    return explain


def lime(network: ResNet, segments: np.ndarray, masks: int, seed: int) -> Peer:
    """A segment's pixels have its whole weight each."""

    def explain(image: np.ndarray, classes: np.ndarray) -> np.ndarray:
        margin, channels = Margin(network, classes), image.shape[-1]

        def of(batch: np.ndarray) -> np.ndarray:
            with torch.no_grad():
                shown = np.moveaxis(batch[..., :channels], -1, 1).astype(np.float32)
                return margin(torch.from_numpy(shown)).numpy()[:, None]

        with silent():
            explained = LimeImageExplainer(random_state=seed).explain_instance(
                np.broadcast_to(image, (*image.shape[:2], 3)).astype(np.float64),
                of,
                labels=(0,),
                top_labels=None,
                num_samples=masks,
                batch_size=25,
                segmentation_fn=lambda _: segments,
            )
        weights = np.zeros(segments.max() + 1)
        for segment, weight in explained.local_exp[0]:
            weights[segment] = weight
        return weights[segments]

    return explain


def logits(network: ResNet, images: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return network(torch.from_numpy(np.moveaxis(images, -1, 1).copy())).numpy()


def silent() -> contextlib.AbstractContextManager[object]:
    """Without a bar for every image."""
    return contextlib.redirect_stderr(io.StringIO())


def _batch(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.moveaxis(image, -1, 0)[None].copy())


def _tensor(parameter: Any) -> torch.Tensor:
    return torch.from_numpy(np.array(parameter[...]))
