"""One of our residual networks as a functional Keras model."""

from typing import Any

from own_models_net import EPSILON, Layer, Net

from deepvid.adapters.keras_backends import keras_package


def keras_model(net: Net) -> Any:
    keras = keras_package()
    layers = keras.layers

    def normalized(layer: Layer, images: Any) -> Any:
        side, _, _, outputs = layer.kernel.shape
        convolution = layers.Conv2D(outputs, side, layer.stride, padding="same", use_bias=False)
        norm = layers.BatchNormalization(epsilon=EPSILON)
        maps = norm(convolution(images))
        convolution.set_weights([layer.kernel])
        norm.set_weights(list(layer[1:5]))
        return maps

    images = keras.Input(net.image_shape)
    output = layers.ReLU()(normalized(net.stem, images))
    for block in net.blocks:
        inner = output
        for place, layer in enumerate(block.convolutions):
            inner = normalized(layer, layers.ReLU()(inner) if place else inner)
        if block.shortcut:
            output = normalized(block.shortcut, output)
        output = layers.ReLU()(layers.Add()([inner, output]))
    dense = layers.Dense(len(net.class_names))
    model = keras.Model(images, dense(layers.GlobalAveragePooling2D()(output)))
    dense.set_weights([net.weight, net.bias])
    return model
