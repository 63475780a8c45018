"""The bucket of an environment, and the role that writes to it.

Here both exist already, and the configuration names them. If Pulumi creates them, declare them
here, with the same outputs.
"""

import pulumi

config = pulumi.Config()
account = config.require("account")

pulumi.export("bucket", config.require("bucket"))
pulumi.export("role_arn", f"acs:ram::{account}:role/aliyunserviceroleforotsdatadelivery")
