"""``python -m flxframe`` is the ``flxframe`` command."""

from flxframe.cli import main

if __name__ == "__main__":
    main()
