"""The published form of DeepVisualInsight as its authors' PyTorch code fits it: edges from a data loader.

Source: the PyTorch port of Yang et al. (2022), AAAI 36: `singleVis/{visualization_model,losses,trainer}.py`.
Its attention is what the paper says, not the port's zeros, and λ₂ is averaged over a batch.
"""

import copy
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler

from deepvid.timetravel.contract import Epoch, Fitted, Head
from deepvid.timetravel.graph import K
from deepvid.timetravel.ground import ground
from deepvid.timetravel.reference.published import attention

A, B = 1.577, 0.895  # of UMAP's kernel at spread 1 and least distance .1
CLIP = 1e-4
BATCH, NEGATIVES = 1000, 5
PASSES, DRAWS = 5, 5  # at most; draws of the strongest edge in one
RATE, DECAY, EVERY, PATIENCE, FALL = 0.01, 1e-5, 4, 3, 0.01
RECONSTRUCTION, TEMPORAL = 1.0, 0.3
TEMPERATURE = 0.1


class VisModel(nn.Module):
    """d -> width x 4 -> 2, and mirrored."""

    def __init__(self, features: int, width: int) -> None:
        super().__init__()
        widths = [features, *[width] * 4, 2]
        self.encoder, self.decoder = _layers(widths), _layers(widths[::-1])

    def project(self, features: np.ndarray) -> np.ndarray:
        return _apply(self.encoder, features)

    def invert(self, position: np.ndarray) -> np.ndarray:
        return _apply(self.decoder, position)


class Edges(Dataset[tuple[Tensor, ...]]):
    """The ends of each edge with their attention and the tail's rate, one edge an item."""

    def __init__(self, features: Tensor, attended: Tensor, rate: Tensor, ends: np.ndarray) -> None:
        self._features, self._attended, self._rate, self._ends = features, attended, rate, ends

    def __len__(self) -> int:
        return len(self._ends[0])

    def __getitem__(self, edge: int) -> tuple[Tensor, ...]:
        head, tail = self._ends[:, edge]
        return (
            self._features[head],
            self._features[tail],
            self._attended[head],
            self._attended[tail],
            self._rate[head],
        )


def fit(epoch: Epoch, before: Fitted | None, *, width: int, seed: int) -> Fitted:
    """The map of an epoch, whose networks begin as those of the one before."""
    torch.manual_seed(seed)
    under = ground(epoch, before)
    model = VisModel(epoch.features.shape[1], width) if before is None else copy.deepcopy(before.model)
    kept = [parameter.detach().clone() for parameter in model.parameters()]
    head = Head(np.asarray(epoch.head.weight), np.asarray(epoch.head.bias))
    points = torch.from_numpy(under.points)
    attended = torch.from_numpy(np.array(attention(under.points, head, TEMPERATURE)))
    pooled = [np.concatenate(parts) for parts in zip(*under.graph, strict=True)]
    odds = pooled[2] / pooled[2].max()
    edges = Edges(points, attended, torch.from_numpy(under.tie.rate), np.stack(pooled[:2]))
    sampler = WeightedRandomSampler(odds.tolist(), int(DRAWS * odds.sum()), replacement=True)
    loader = DataLoader(edges, batch_size=BATCH, sampler=sampler, drop_last=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=EVERY, gamma=0.1)
    lowest, waited = np.inf, 0
    for _ in range(PASSES):
        losses = []
        for batch in loader:
            optimizer.zero_grad()
            loss = _loss(model, kept, *batch)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        schedule.step()
        mean = float(np.mean(losses))
        lowest, waited = (mean, 0) if mean < lowest - FALL else (lowest, waited + 1)
        if waited >= PATIENCE:
            break
    position, boundary = model.project(epoch.features), model.project(epoch.boundary)
    return Fitted(epoch.sample, position, boundary, under.nearest[:, :K], model)


def _loss(
    model: VisModel,
    kept: list[Tensor],
    head: Tensor,
    tail: Tensor,
    head_attended: Tensor,
    tail_attended: Tensor,
    rate: Tensor,
) -> Tensor:
    heads, tails = model.encoder(head), model.encoder(tail)
    errors = (
        ((1 + attended) * (features - model.decoder(position)) ** 2).mean(dim=1)
        for features, attended, position in (
            (head, head_attended, heads),
            (tail, tail_attended, tails),
        )
    )
    changed = sum(((now - before) ** 2).sum() for now, before in zip(model.parameters(), kept, strict=True))
    reconstruction = sum(errors).mean() / 2
    return _umap(heads, tails) + RECONSTRUCTION * reconstruction + TEMPORAL * rate.mean() * changed


def _umap(heads: Tensor, tails: Tensor) -> Tensor:
    """Of every edge, and of as many shuffled ones as `NEGATIVES` for each."""
    repeated = heads.repeat_interleave(NEGATIVES, dim=0)
    shuffled = tails.repeat_interleave(NEGATIVES, dim=0)[torch.randperm(len(repeated))]
    near = _likelihood(heads, tails)
    far = _likelihood(repeated, shuffled)
    losses = [-torch.log(near.clamp(min=CLIP)), -torch.log((1 - far).clamp(min=CLIP))]
    return torch.cat(losses).mean()


def _likelihood(first: Tensor, second: Tensor) -> Tensor:
    distance = ((first - second) ** 2).sum(dim=1) + 1e-12
    return 1 / (1 + A * distance**B)


def _layers(widths: list[int]) -> nn.Sequential:
    parts: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        parts += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*parts[:-1])


@torch.no_grad()
def _apply(network: nn.Module, inputs: np.ndarray) -> np.ndarray:
    return network(torch.from_numpy(np.asarray(inputs, np.float32))).numpy()
