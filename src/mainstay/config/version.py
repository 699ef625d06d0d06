"""`mainstay version`."""

from importlib import metadata


def main(argv: list[str]) -> int:
    """Print the version and return 0."""
    print(f"mainstay {metadata.version('mainstay')}")
    return 0
