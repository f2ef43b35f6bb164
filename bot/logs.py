"""Logging without secrets: tokens, keys and session ids are cut out of every line, whoever wrote it."""

from __future__ import annotations

import logging
import re

SECRETS = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|Bearer\s+[\w.~+/=-]+|Basic\s+[\w+/=-]{8,}|00D\w{12,15}![\w.]+|hooks\.slack\.com/\S+|/response/\S+"
    r"|-----BEGIN[^-]+-----.*?-----END[^-]+-----|\bticket=[\w-]+|(?<=assertion=)[\w.~-]+|eyJ[\w-]+\.[\w-]+\.[\w-]+",
    re.DOTALL,
)


class WithoutSecrets(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return SECRETS.sub("[cut]", super().format(record)).replace("\r", " ")


def set_up(level: int = logging.INFO) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutSecrets("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Bolt writes whole request bodies at INFO and DEBUG, with what people typed.
    for chatty in ("slack_bolt", "slack_sdk", "apscheduler", "urllib3", "websocket"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # Bolt warns at every start that it was given a client and an authorize function, which is how we want it.
    logging.getLogger("slack_bolt.touchpoint").setLevel(logging.ERROR)
