"""Two readers of layers: what a network of ours says, and what somebody else's has answered."""

import numpy as np
from foreign import models

from deepvid.models import LayeredClassifier
from deepvid.network.layers import FEATURES, LOGITS, PIXELS
from deepvid.network.readers import NetworkReader, OutputsReader

IMAGES = np.random.default_rng(3).integers(0, 256, (40, 8, 9, 1), dtype=np.uint8)


def test_answers_of_a_network_are_read_as_the_network_itself() -> None:
    """Its hidden layer is what its last one reads, so that both readers see the same three columns."""
    network, _ = models()
    assert isinstance(network, LayeredClassifier)
    pixels = IMAGES / np.float32(255)
    features = np.asarray(network.features(pixels))
    own = NetworkReader.of(network, IMAGES, 6)
    answered = OutputsReader.of(IMAGES, features, np.asarray(network.logits(pixels)))
    assert [layer.name for layer in answered.layers] == [PIXELS, FEATURES, LOGITS]
    assert [layer.shape for layer in answered.layers] == [layer.shape for layer in own.layers]
    assert [layer.has_units for layer in answered.layers] == [layer.has_units for layer in own.layers]
    assert answered.depth == own.depth == 1
    fitted, rest = np.arange(30), np.arange(30, 40)
    for reader in (own, answered):
        assert reader.field(reader.layers[0], seed=0) == own.field(own.layers[0], seed=0)
    read = []
    for reader in (own, answered):
        bases = {layer.name: reader.basis(layer, fitted, 3, seed=0) for layer in reader.layers}
        read.append((reader.codes(bases, rest), reader.responses(rest)))
    for layer, same in zip(own.layers, answered.layers, strict=True):
        np.testing.assert_allclose(read[0][0][layer.name], read[1][0][same.name], atol=1e-4)
    (responses,), (others,) = (responses.values() for _, responses in read)
    for one, other in zip(responses, others, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_without_features_pixels_and_logits_are_left() -> None:
    answered = OutputsReader.of(IMAGES, None, np.zeros((40, 2), np.float32))
    assert [layer.name for layer in answered.layers] == [PIXELS, LOGITS]
    assert answered.depth == 0
    assert not answered.responses(np.arange(4))
