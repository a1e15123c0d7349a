"""The one entry: `deepvid serve [STORE]`, or `panel serve dashboards/app.py [--args STORE]`.

STORE is a folder of runs, one archive, or a URL of either. `--plugins dashboards.serving.transfer` lets files
pass between a browser and the server, `--setup dashboards/serving/warm.py` spares the first person a wait.
"""

import panel as pn

from dashboards.serving.process import prepare_process
from dashboards.shell import shell, store_address

pn.config.notifications = False
prepare_process()
shell(store_address()).servable(title="DeepVID")
