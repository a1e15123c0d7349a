"""Words in the place of a view: what is missing, and what a person can do about it."""

from dashboards.data.commands import Command
from dashboards.kit.elements import Box, Button, walk, words
from dashboards.kit.forms import Link
from dashboards.session.needs import Missing
from dashboards.session.placeholder import Offer, message

LACKS = Missing(
    "It is stored.\nFound: nothing.\nRun it.", "No map", Command("deepvid run a.toml"), "?page=archive"
)


def told(tree: Box) -> list[str]:
    return [
        words(each) for each in walk(tree) if isinstance(each, Box) and each.tag in ("strong", "p", "code")
    ]


def acts(tree: Box) -> list[str]:
    return [each.act for each in walk(tree) if isinstance(each, Button)]


def test_it_says_what_is_missing_and_offers_to_run_it() -> None:
    tree = message(LACKS, Offer(can=True, forecast="about 3 min"))
    assert told(tree) == ["No map", "It is stored.", "Found: nothing.", "Run it.", "deepvid run a.toml"]
    assert "Run it nowabout 3 minor" in words(tree)
    assert acts(tree) == ["run"]
    assert tree.role == "alert"
    assert [link.href for link in walk(tree) if isinstance(link, Link)] == ["?page=archive"]


def test_what_runs_or_waits_is_not_offered_again() -> None:
    running, waiting = message(LACKS, Offer(runs=True)), message(LACKS, Offer(waits_for="another"))
    assert told(running) == told(waiting) == ["No map", "It is stored.", "Found: nothing."]
    assert acts(running) == []
    assert acts(waiting) == ["cancel"]
    assert "Waits for another" in words(waiting)


def test_a_command_that_the_server_does_not_run_stays_to_be_copied_with_the_reason() -> None:
    lacks = LACKS._replace(command=Command("deepvid run a.toml", refusal="It computes nothing."), verify="")
    tree = message(lacks, Offer(reason="It ended with a fault."))
    assert acts(tree) == []
    assert told(tree)[-3:] == ["It ended with a fault.", "deepvid run a.toml", "It computes nothing."]
    assert tree.role == ""
