"""The first front end: a dynamic provider, which Pulumi's Python SDK runs in a host process."""
