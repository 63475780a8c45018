"""The command line. Each command is a module, and application.py lists them."""
