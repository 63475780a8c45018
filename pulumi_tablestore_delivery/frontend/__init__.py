"""What both front ends, the dynamic and the native one, share.

Modules of a program (`declaration`, `given`, `inputs`, `lookups`, `options`, `stack_entries`) load
Pulumi alone. Modules of a provider (`declared`, `engine_process`, `transport`) may load the rest.
"""
