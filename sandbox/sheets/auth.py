"""Google's token endpoint for one throw-away service account, and the tokens it hands out.

https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.sheets.errors import Refused

EMAIL = "touchpoint@sandbox.iam.gserviceaccount.example"
KEY_ID = "sandbox-throw-away-key"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = 3599
TOO_OLD = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)
AUDIENCE = "https://oauth2.googleapis.com/token"  # what google-auth signs for, wherever its token_uri points
SCOPES = "https://www.googleapis.com/auth/"
MAY_WRITE = {SCOPES + "spreadsheets", SCOPES + "drive", SCOPES + "drive.file"}
MAY_READ = MAY_WRITE | {SCOPES + "spreadsheets.readonly", SCOPES + "drive.readonly"}


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def service_account_info(base_url: str) -> dict[str, Any]:
    """What the service account's JSON key file would hold. The key is made anew in every process."""
    pem = _key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "project_id": "touchpoint-sandbox",
        "private_key_id": KEY_ID,
        "private_key": pem.decode(),
        "client_email": EMAIL,
        "client_id": "100000000000000000000",
        "token_uri": f"{base_url}/google/token",
    }


@dataclass(frozen=True)
class Token:
    email: str
    scopes: frozenset[str]
    expires_at: float  # the real clock


class NoToken(Exception):
    """The token endpoint's refusal, in OAuth's own shape."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class Tokens:
    def __init__(self) -> None:
        self._known: dict[str, Token] = {}

    def expire_all(self) -> None:
        self._known.clear()

    def grant(self, form: dict[str, str], token_uri: str) -> dict[str, Any]:
        if form.get("grant_type") != GRANT:
            raise NoToken("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        try:
            claims = jwt.decode(
                form.get("assertion", ""),
                _key().public_key(),
                algorithms=["RS256"],
                audience=[AUDIENCE, token_uri],
                leeway=10,
                options={"require": ["iss", "aud", "iat", "exp"]},
            )
        except jwt.ExpiredSignatureError:
            raise NoToken("invalid_grant", TOO_OLD) from None
        except jwt.InvalidSignatureError:
            raise NoToken("invalid_grant", "Invalid JWT Signature.") from None
        except jwt.PyJWTError as error:
            raise NoToken("invalid_grant", f"Invalid JWT: {error}.") from None
        if claims["iss"] != EMAIL:
            raise NoToken("invalid_grant", "Invalid grant: account not found")
        if claims["exp"] - claims["iat"] > 3600:
            raise NoToken("invalid_grant", TOO_OLD)
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes:
            raise NoToken("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        token = f"ya29.sandbox-{secrets.token_urlsafe(24)}"
        self._known[token] = Token(EMAIL, scopes, time.time() + LIFETIME)
        return {"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer"}

    def holder(self, authorization: str, *, writes: bool) -> str:
        """The e-mail address that a request acts as; refused without a token, with an old one or without the scope."""
        kind, _, text = authorization.partition(" ")
        if not authorization:
            raise Refused(
                403,
                "Method doesn't allow unregistered callers (callers without established identity). "
                "Please use API Key or other form of API consumer identity to call this API.",
            )
        token = self._known.get(text) if kind == "Bearer" else None
        if token is None or token.expires_at < time.time():
            raise Refused(
                401,
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
                "valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
                why="The access token is unknown here or has expired.",
                headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'},
            )
        if not token.scopes & (MAY_WRITE if writes else MAY_READ):
            raise Refused(403, "Request had insufficient authentication scopes.")
        return token.email
