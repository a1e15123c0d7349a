"""Answers to what a dashboard asks while a person waits. Importing this package imports no JAX."""
