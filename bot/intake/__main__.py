"""`python -m bot.intake`: the child process that reads files."""

from bot.intake.child import main

if __name__ == "__main__":
    main()
