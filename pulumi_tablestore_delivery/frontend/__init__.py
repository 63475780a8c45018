"""The code that the dynamic and the native front end share.

Modules for programs (`declaration`, `given`, `inputs`, `lookups`, `options`, `stack_entries`)
import only Pulumi. Modules for providers (`declared`, `engine_process`, `transport`) may import the
rest of the package.
"""
