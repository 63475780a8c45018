"""The parts that both front ends, the dynamic and the native one, share.

Modules of a program (`declaration`, `lookups`, `options`, `stack_entries`) load Pulumi alone;
those of a provider (`engine_process`, `transport`) may load the rest.
"""
