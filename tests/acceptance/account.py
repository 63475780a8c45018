"""The instance that a run uses, from the environment."""

import time

from support.sdk import tablestore
from support.tablestore_instance import TablestoreInstance

from acceptance.bucket import Bucket
from pulumi_tablestore_delivery.errors import ConfigurationError, ServiceError
from pulumi_tablestore_delivery.inspection import emulator_control
from pulumi_tablestore_delivery.inspection.verification.location import bucket_location
from pulumi_tablestore_delivery.settings import ENDPOINT, INSTANCE, REGION, Settings
from pulumi_tablestore_delivery.spec import endpoints
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec

OPT_IN = "TABLESTORE_ACCEPTANCE"
BUCKET = "TABLESTORE_ACCEPTANCE_BUCKET"
ROLE = "TABLESTORE_ACCEPTANCE_ROLE_ARN"

_RETRY_TIMEOUT = 300  # seconds in which a table must become usable, or be deleted
_PAUSE = 2
_TOO_MANY = "OTSQuotaExhausted"  # also for too many table operations in a minute


class NotConfiguredError(Exception):
    """A setting of the account is missing."""


class Account(TablestoreInstance):
    """An instance, a bucket and a role that the user gives for acceptance tests."""

    is_real = True

    def __init__(self, environment, run):
        self.run = run
        self.settings = Settings(environment, lambda _: "")
        if problems := list(_problems(environment, self.settings)):
            raise NotConfiguredError("\n".join(problems))
        try:
            self.instance = self.settings.instance_name
            self.url = self.settings.endpoint(self.instance, None).rstrip("/")
            self._credentials = self.settings.credentials
        except ConfigurationError as error:
            raise NotConfiguredError(str(error)) from None
        self.region = self.settings.region(self.url) or endpoints.EMULATOR_REGION
        self.bucket = environment[BUCKET].strip()
        self.role_arn = environment[ROLE].strip()
        self.folder = run.folder

    @property
    def credentials(self):
        return self._credentials()

    @property
    def access_key_id(self):
        return self.credentials.access_key_id

    @property
    def access_key_secret(self):
        return self.credentials.access_key_secret

    @property
    def security_token(self):
        return self.credentials.security_token

    @property
    def is_emulated(self):
        return endpoints.is_loopback(self.url)

    @property
    def oss_endpoint(self):
        """The OSS endpoint of this account's tasks."""
        return endpoints.oss_endpoint(self.region)

    @property
    def environment(self):
        # A new task may report an error until the service finds its role.
        return {**super().environment, "TABLESTORE_HEALTH_GRACE": "15"}

    def table_name(self, number):
        return self.run.table(f"tests_{number}")

    def create_table(self, name):
        """Create a table, and wait until it can be used."""
        _retried(lambda: super(Account, self).create_table(name), {_TOO_MANY})
        _retried(lambda: self.client.list_delivery_tasks(name), {"OTSObjectNotExist"})

    def delete_table(self, name):
        """Delete a table."""
        _retried(lambda: self.sdk.delete_table(name), {_TOO_MANY})

    def files(self):
        """The bucket that the tasks write to."""
        spec = DeliveryTaskSpec.model_construct(
            instance_name=self.instance,
            tablestore_endpoint=self.url,
            oss_bucket=self.bucket,
            oss_endpoint=self.oss_endpoint,
        )
        place = bucket_location(self.settings, spec, None, emulator_control.oss_endpoint)
        return Bucket(place, self.credentials)


def _retried(call, codes):
    """Call again while the service answers with one of these codes."""
    ends = time.monotonic() + _RETRY_TIMEOUT
    while True:
        try:
            return call()
        except (ServiceError, tablestore.OTSServiceError) as error:
            code = error.code if isinstance(error, ServiceError) else error.get_error_code()
            if code not in codes or time.monotonic() > ends:
                raise
        time.sleep(_PAUSE)


def _problems(environment, settings):
    if environment.get(OPT_IN) != "yes":
        yield (
            f"{OPT_IN} is not `yes`. A run creates tables, delivery tasks and objects in the "
            f"account that the environment names, and deletes them. Set {OPT_IN}=yes to run it."
        )
    if not settings.find(INSTANCE).value:
        yield "TABLESTORE_INSTANCE is not set: the instance to use."
    if not (settings.find(ENDPOINT).value or settings.find(REGION).value):
        yield "Neither TABLESTORE_REGION nor TABLESTORE_ENDPOINT is set."
    if not environment.get(BUCKET, "").strip():
        yield f"{BUCKET} is not set: a bucket in the instance's region, for throw-away files."
    if not environment.get(ROLE, "").strip():
        yield (
            f"{ROLE} is not set: the role that delivers, such as "
            "acs:ram::<account id>:role/aliyunserviceroleforotsdatadelivery."
        )
