"""How far the maps of a run's epochs can be trusted."""
