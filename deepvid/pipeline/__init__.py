"""From an experiment to a run: stages in order, resumed by key. Importing this package imports no JAX."""
