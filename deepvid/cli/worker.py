"""`deepvid worker`: cores or a GPU of this machine for whoever computes at a scheduler."""

from typing import Annotated

import typer

from deepvid.cli.options import require_compute


def worker(
    address: Annotated[str, typer.Argument(help="Of a scheduler, as tcp://HOST:8786.")],
    cores: Annotated[
        int | None, typer.Option(metavar="N", help="Cores of this machine; otherwise all of them.")
    ] = None,
    gpu: Annotated[int | None, typer.Option(metavar="I", help="This GPU instead of cores.")] = None,
) -> None:
    """Compute for commands that were given `--scheduler ADDRESS`, until Ctrl-C or the scheduler's end.

    A worker reads runs and writes nothing. Whoever reaches the scheduler has it run programs: only within a
    network of people you trust, or with Dask's own TLS.
    """
    require_compute("deepvid worker")
    from deepvid.errors import UserError
    from deepvid.pipeline import cluster_worker as workers
    from deepvid.pipeline.cluster import require_scheduler
    from deepvid.pipeline.worker_pool import worker_cores

    if require_scheduler(address).startswith("local:"):
        raise UserError(
            "A worker serves a scheduler at an address", address, "Begin one first: dask scheduler"
        )
    if cores is not None and gpu is not None:
        raise UserError("A worker has cores or a GPU", "--cores and --gpu", "Give one of them")
    there = len(worker_cores())
    specs = workers.cores(there if cores is None else cores) if gpu is None else workers.gpus(gpu)
    workers.serve_workers(address, specs)
