"""Alibaba Cloud Tablestore delivery tasks as Pulumi resources."""
