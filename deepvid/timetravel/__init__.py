"""Time travel: one map of a classifier an epoch, what it decides between samples, and how far to trust it.

Source: Yang et al. (2022), DeepVisualInsight, AAAI 36, 5359-5366.
"""
