"""``python -m recommender.cli``: the command, where there is no script of its name."""

from recommender.cli import main

if __name__ == "__main__":
    main()
