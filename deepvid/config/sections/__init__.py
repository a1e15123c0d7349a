"""Sections of an experiment: its settings, and words for what a stage does."""
