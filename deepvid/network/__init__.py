"""What a classifier has learned, layer by layer: activations, what neighbors say of them, and their maps."""
