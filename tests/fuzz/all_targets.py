"""All fuzz targets by name."""

from fuzz import oss, targets

TARGETS = {**targets.TARGETS, **oss.OSS_TARGETS}
