"""Other people's models, as DeepVID asks them. Nothing here imports a framework before it is named."""
