"""The checks of `tablestore-delivery doctor`: why deployments would fail.

A check is a function from a `Subject` to a `Finding`. `run.py` has a table of all checks and runs
each in its own thread, so a slow check does not delay the others. If several checks need the same
answer of the service, the subject makes the call once. No check changes anything.
"""
