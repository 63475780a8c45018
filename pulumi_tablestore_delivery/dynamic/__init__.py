"""The dynamic front end's dealings with the process that it shares with other providers."""
