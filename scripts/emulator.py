"""The AWS emulator of the demo and the tests: moto's server, made to look like one Organization that we know.

Differences from `moto_server`:
- It listens on 127.0.0.1 and prints "PORT <n>" once it answers; port 0 takes any free one.
- Only the regions of ATELIER_REGIONS are enabled; DescribeRegions shows the others as not opted in.
- Account ids come from ATELIER_MOTO_SEED and a counter, so the same accounts come back after a restart. An account
  created with the tag `atelier:account-id` gets exactly that id: this is how a restart brings back what the database knows.
- The role of a new account has the permissions that AWS gives it.
- A list of a service or operation that moto does not have is answered as empty, in the protocol of the call: in an account
  in which it cannot be made there is none. Everything else that moto does not have is refused.
- A refusal is written in the protocol of the service that refuses (moto writes XML to clients that read JSON), and keys of
  a role that was deleted are refused instead of failing with 500.
- No line for each request; what fails inside is written to standard error.
- It ends when its standard input closes: a killed parent leaves nothing behind.

Usage: python emulator.py [port] [host]
"""

import hashlib
import io
import json
import os
import re
import sys
import threading

os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")

REGIONS = [name.strip() for name in os.environ.get("ATELIER_REGIONS", "eu-west-1,eu-central-1,us-east-1").split(",")]
SEED = os.environ.get("ATELIER_MOTO_SEED", "42")
ID_TAG = "atelier:account-id"
ADMINISTRATOR = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


def know_the_accounts() -> None:
    """Ids of created accounts: the one that a tag asks for, else the next one of our own row."""
    from moto.iam import iam_backends
    from moto.organizations import models, utils

    counter = {"made": 0}
    lock = threading.Lock()
    wanted = threading.local()

    def next_id() -> str:
        asked = getattr(wanted, "id", None)
        if asked:
            return asked
        with lock:
            # After a restart the first of the row were asked for by tag and are there already.
            while True:
                counter["made"] += 1
                digest = hashlib.sha256(f"{SEED}:{counter['made']}".encode()).hexdigest()
                account_id = str(10**11 + int(digest, 16) % (9 * 10**11))
                if account_id not in models.organizations_backends.master_accounts:
                    return account_id

    utils.make_random_account_id = next_id
    make_account = models.FakeAccount.__init__

    def make(self, organization, **kwargs):
        tags = kwargs.get("Tags") or []
        wanted.id = next((tag["Value"] for tag in tags if tag["Key"] == ID_TAG), None)
        try:
            make_account(self, organization, **{**kwargs, "Tags": [tag for tag in tags if tag["Key"] != ID_TAG]})
            # On AWS the role of a new account may do everything in it.
            iam_backends[self.id]["global"].put_role_policy(
                kwargs.get("RoleName", "OrganizationAccountAccessRole"), "AdministratorAccess", ADMINISTRATOR
            )
        finally:
            wanted.id = None

    models.FakeAccount.__init__ = make


def enable_regions() -> None:
    """DescribeRegions: the enabled regions, and with AllRegions the others as not opted in."""
    from moto.core.responses import ActionResult
    from moto.ec2.models.availability_zones_and_regions import Region, RegionsAndZonesBackend
    from moto.ec2.responses.availability_zones_and_regions import AvailabilityZonesAndRegions

    everywhere = [region.name for region in RegionsAndZonesBackend.regions]
    by_default = set(RegionsAndZonesBackend.regions_opt_in_not_required)
    regions = []
    for name in everywhere:
        if name.startswith(("cn-", "us-gov-")):
            continue
        status = "not-opted-in"
        if name in REGIONS:
            status = "opt-in-not-required" if name in by_default else "opted-in"
        regions.append(Region(name, f"ec2.{name}.amazonaws.com", status))
    RegionsAndZonesBackend.regions = regions

    def describe_regions(self):
        self.error_on_dryrun()
        names = self._get_param("RegionNames", [])
        closed_too = str(self._get_param("AllRegions", False)).lower() == "true"
        found = [
            region
            for region in self.ec2_backend.describe_regions(names)
            if closed_too or region.opt_in_status != "not-opted-in"
        ]
        return ActionResult({"Regions": found})

    AvailabilityZonesAndRegions.describe_regions = describe_regions


def refuse_readably() -> None:
    """Refusals that the SDK can read, with the codes that AWS uses in JSON protocols."""
    from moto.core import authorization
    from moto.core.exceptions import JsonRESTError, _RESTError
    from moto.core.utils import get_service_model
    from moto.iam import access_control
    from moto.iam.exceptions import NoSuchEntity, NotFoundException

    in_json = {
        "AccessDenied": "AccessDeniedException",
        "InvalidClientTokenId": "UnrecognizedClientException",
        "SignatureDoesNotMatch": "InvalidSignatureException",
    }
    authenticator = authorization.ActionAuthenticatorMixin
    authorize = authenticator._authenticate_and_authorize_normal_action

    def authorize_readably(self, resource="*"):
        try:
            authorize(self, resource)
        except _RESTError as refusal:
            if "json" not in self.determine_response_protocol(get_service_model(self.boto3_service_name)):
                raise
            error = JsonRESTError(in_json.get(refusal.error_type, refusal.error_type), refusal.message)
            error.code = refusal.code
            raise error from None

    authenticator._authenticate_and_authorize_normal_action = authorize_readably
    collect = access_control.AssumedRoleAccessKey.collect_policies

    def collect_what_is_left(self):
        try:
            return collect(self)
        except (NoSuchEntity, NotFoundException):
            return []

    access_control.AssumedRoleAccessKey.collect_policies = collect_what_is_left


READS = re.compile(r"^(Describe|List|Get|Search|BatchGet)")
READING_PATH = re.compile(r"/(list|describe|get|search|batchget)|^/(Groups|GetSamplingRules|EncryptionConfig)|/distribution-tenants$", re.IGNORECASE)
MISSING = json.dumps({"__type": "UnknownOperationException", "message": "The emulator does not have this operation"})


def empty_where_missing(app):
    """Moto answers with a page of HTML for what it does not have, or fails: see above."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

    know = DomainDispatcherApplication.get_backend_for_host

    def backend_or_refusal(self, host):
        backend = know(self, host)
        if backend is None and host and "amazonaws.com" in host:
            raise NotImplementedError(f"There is no {host}")
        return backend

    DomainDispatcherApplication.get_backend_for_host = backend_or_refusal

    def reads(environ, body: bytes):
        """Whether the call reads, and the empty answer in its protocol."""
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if target:
            return READS.match(target.rsplit(".", 1)[-1]), "application/x-amz-json-1.1", "{}"
        action = re.search(rb"(?:^|&)Action=(\w+)", body)
        if action:
            name = action.group(1).decode()
            xml = f"<{name}Response><{name}Result/></{name}Response>"
            return READS.match(name), "text/xml", xml
        path = environ.get("PATH_INFO", "")
        method = environ["REQUEST_METHOD"]
        is_read = method in ("GET", "HEAD") or (method == "POST" and READING_PATH.search(path))
        service = re.search(r"/([^/]+)/aws4_request", environ.get("HTTP_AUTHORIZATION", ""))
        if service and service.group(1) in ("cloudfront", "route53", "s3"):
            return is_read, "text/xml", "<Result/>"
        return is_read, "application/json", "{}"

    def answer(environ, start_response):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        environ["wsgi.input"] = io.BytesIO(body)
        said = {}

        def remember(status, headers, exc_info=None):
            said.update(status=status, headers=headers)
            return lambda _chunk: None

        try:
            chunks = list(app(environ, remember))
        except NotImplementedError:
            said.update(status="501", headers=[("Content-Type", "text/html")])
            chunks = [b"<!doctype html>"]
        kind = dict((name.lower(), value) for name, value in said.get("headers", [])).get("content-type", "")
        text = b"".join(chunks)
        chunks = [text]
        failed = said.get("status", "200")[0] in "45" and "html" in kind and b"<!doctype" in text[:200].lower()
        if not failed or "AWS4-HMAC" not in environ.get("HTTP_AUTHORIZATION", ""):
            start_response(said["status"], said["headers"])
            return chunks
        is_read, kind, empty = reads(environ, body)
        status, text = ("200 OK", empty) if is_read else ("501 Not Implemented", MISSING)
        data = text.encode()
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(data)))])
        return [data]

    return answer


def end_with_parent() -> None:
    def wait() -> None:
        while sys.stdin.buffer.read(4096):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    host = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    know_the_accounts()
    enable_regions()
    refuse_readably()

    class Quiet(MotoRequestHandler):
        def log_request(self, code="-", size="-"):
            if str(code).startswith("5"):
                sys.stderr.write(f"{code} {self.requestline}\n")

    server = make_server(
        host, port, empty_where_missing(DomainDispatcherApplication(create_backend_app)), threaded=True, request_handler=Quiet
    )
    os.environ["MOTO_PORT"] = str(server.port)
    if os.environ.get("ATELIER_END_WITH_STDIN") == "1":
        end_with_parent()
    print(f"PORT {server.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
