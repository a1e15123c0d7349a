"""Run when a server starts, so that no person waits for what is done once per process.

`panel serve dashboards/app.py --setup dashboards/serving/warm.py`; `deepvid serve` does. (Panel's own
`--warm` builds a whole session that nobody sees and that is gone before its first gesture is published.)
"""

from threading import Thread

import dashboards.shell  # noqa: F401 - what the script of every session imports
from dashboards.kernels.warming import warm

Thread(target=warm, name="deepvid-warm", daemon=True).start()
