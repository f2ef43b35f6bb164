"""The token endpoint: client credentials and JWT bearer, nothing older.

https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm
"""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any

import jwt

from sandbox.salesforce.state import (
    CONSUMER_KEY,
    CONSUMER_SECRET,
    HOST,
    INTEGRATION_USERNAME,
    ORG_ID,
)

if TYPE_CHECKING:
    from sandbox.salesforce.state import Salesforce

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
_AUDIENCES = [f"https://{host}" for host in (*_LOGIN_HOSTS, HOST)]
_ASSERTION_SECONDS = 300


class NoToken(Exception):
    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


def token(org: Salesforce, form: dict[str, str], authorization: str, host: str) -> dict[str, Any]:
    """What a good request gets; NoToken otherwise."""
    grant = form.get("grant_type", "")
    if host != HOST and not (grant == JWT_GRANT and host in _LOGIN_HOSTS):
        raise NoToken("invalid_grant", "request not supported on this domain")
    if grant == "client_credentials":
        _check_client(form, authorization)
    elif grant == JWT_GRANT:
        _check_assertion(org, form.get("assertion", ""))
    else:
        raise NoToken("unsupported_grant_type", "grant type not supported")
    return {
        "access_token": org.open_session(),
        "signature": "c2FuZGJveA==",
        "scope": "api",
        "instance_url": f"https://{org.instance_host}",
        "id": f"https://login.salesforce.com/id/{ORG_ID}/{org.integration_user}",
        "token_type": "Bearer",
        "issued_at": str(int(time.time() * 1000)),
    }


def _check_client(form: dict[str, str], authorization: str) -> None:
    given = f"{form.get('client_id', '')}:{form.get('client_secret', '')}"
    if authorization.startswith("Basic "):
        given = base64.b64decode(authorization[6:]).decode(errors="replace")
    key, _, secret = given.partition(":")
    if key != CONSUMER_KEY:
        raise NoToken("invalid_client_id", "client identifier invalid")
    if secret != CONSUMER_SECRET:
        raise NoToken("invalid_client", "invalid client credentials")


def _check_assertion(org: Salesforce, assertion: str) -> None:
    if org.trusted_key is None:
        raise NoToken("invalid_grant", "no certificate is registered for this app")
    try:
        options: Any = {"verify_aud": False, "require": ["exp", "iss", "sub", "aud"]}
        claims = jwt.decode(assertion, org.trusted_key, algorithms=["RS256"], options=options)
    except jwt.ExpiredSignatureError:
        raise NoToken("invalid_grant", "expired authorization code") from None
    except jwt.InvalidTokenError:
        raise NoToken("invalid_grant", "invalid assertion") from None
    if int(claims["exp"]) > time.time() + _ASSERTION_SECONDS:
        raise NoToken("invalid_grant", "assertion is valid for too long")
    if claims["aud"] not in _AUDIENCES:
        raise NoToken("invalid_grant", "audience is invalid")
    if claims["iss"] != CONSUMER_KEY:
        raise NoToken("invalid_client_id", "client identifier invalid")
    if claims["sub"] != INTEGRATION_USERNAME:
        raise NoToken("invalid_grant", "user hasn't approved this consumer")
