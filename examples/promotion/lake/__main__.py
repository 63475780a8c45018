"""What an environment's deliveries share: the bucket, and the role that writes to it.

Here both exist already, and the configuration names them. Where Pulumi makes them, this is the
place: the outputs stay the same.
"""

import pulumi

config = pulumi.Config()
account = config.require("account")

pulumi.export("bucket", config.require("bucket"))
pulumi.export("role_arn", f"acs:ram::{account}:role/aliyunserviceroleforotsdatadelivery")
