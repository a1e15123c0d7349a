"""Layers of a classifier, one by one: their activations, what neighbors say of these, and their maps."""
