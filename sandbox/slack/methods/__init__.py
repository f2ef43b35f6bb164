"""The Web API methods that the bot uses, a file per noun. Importing them registers them."""

from sandbox.slack.methods import chat, conversations, files, other, users, views

__all__ = ["chat", "conversations", "files", "other", "users", "views"]
