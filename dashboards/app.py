"""The one entry: `deepvid serve [STORE]`, or `panel serve dashboards/app.py [--args STORE]`.

STORE is a folder of runs, one archive, or a URL of either. `--plugins dashboards.serving.plugin`, which wants
`--address localhost` beside it or a login, guards the server and lets files pass between it and a browser;
`--setup dashboards/serving/warm.py` spares the first person a wait.
"""

import panel as pn

from dashboards.serving.process import prepare_process
from dashboards.shell import shell, store_address

pn.config.notifications = False
prepare_process()
shell(store_address()).servable(title="DeepVID")
