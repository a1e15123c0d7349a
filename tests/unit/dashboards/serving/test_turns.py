"""Many pages opened at once hold up nobody who works on another one for longer than one of them takes."""

import http.client
import threading
import time

from serving import Served

PAGES = 8


def test_between_two_pages_others_are_answered(served: Served) -> None:
    finished: list[str] = []

    def ask(port: int, path: str) -> None:
        connection = http.client.HTTPConnection("localhost", port, timeout=120)
        connection.request("GET", path)
        connection.getresponse().read()
        finished.append(path)

    ask(served.port, "/app")
    finished.clear()
    pages = [threading.Thread(target=ask, args=(served.port, "/app")) for _ in range(PAGES)]
    for page in pages:
        page.start()
    time.sleep(0.1)  # all are asked for by now, and the first is being built
    ask(served.port, "/app/metadata")
    for page in pages:
        page.join()
    assert finished.count("/app") == PAGES
    assert finished.index("/app/metadata") < PAGES // 2
