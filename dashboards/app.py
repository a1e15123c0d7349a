"""The one entry: `panel serve dashboards/app.py [--args STORE]`, or `deepvid serve [STORE]`.

STORE is a folder of runs, one archive, or a URL of either.
"""

import panel as pn

from dashboards.serving.process import prepare_process
from dashboards.shell import shell, store_address

pn.config.notifications = False
prepare_process()
shell(store_address()).servable(title="DeepVID")
