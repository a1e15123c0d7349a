"""`python -m deepvid` is `deepvid`."""

from deepvid.cli import main

if __name__ == "__main__":
    main()
