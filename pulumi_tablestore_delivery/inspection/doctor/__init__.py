"""`tablestore-delivery doctor`: why deployments would fail, one line for each check.

A check is a function from a `Subject` to a `Finding`. `run.py` has them all in a table and runs
each in a thread of its own, so that a slow one holds up nobody; what several need is asked for
once, by the subject. No check changes anything of the service.
"""
