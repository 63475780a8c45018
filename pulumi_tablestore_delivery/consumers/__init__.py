"""What readers of the delivered files need: where the files are, and tables on top of them.

Pure: a task's inputs in, texts out. Nothing is called.
"""
