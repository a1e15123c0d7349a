"""A page's own address."""

from urllib.parse import parse_qs, urlencode

import pytest
from panel.io import location

from dashboards.serving.process import read_any_address


@pytest.mark.parametrize("host", ["localhost:5006", "localhost", "127.0.0.1:1", "[::1]:5006", "[fe80::1]"])
@pytest.mark.parametrize(
    ("uri", "run"),
    [
        ("/app", None),
        ("/app?run=x", ["x"]),
        ("/app?run=a?b?c", ["a?b?c"]),
        ("/app?run=http://host/app?run=x", ["http://host/app?run=x"]),
        ("/app?run=a#b#c?d", ["a#b#c?d"]),
        ("/app??", None),
    ],
)
def test_every_address_of_a_page_is_read(host: str, uri: str, run: list[str] | None) -> None:
    read_any_address()
    said = location._get_location_params("http", host, uri)
    assert said["pathname"] == "/app"
    assert parse_qs(said.get("search", "?")[1:]).get("run") == run


@pytest.mark.parametrize("value", ["²", "7²", "9" * 5000, "", "[" * 900, "٣"])
def test_digits_that_are_no_number_take_no_page_away(value: str) -> None:
    read_any_address()
    search = "?" + urlencode({"classes": value, "run": "x"})
    assert location.Location(search=search).search == search
    assert location.Location(search=search).query_params.get("run", "x") == "x"
