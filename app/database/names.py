"""The words by which a person knows an identity or a pass, as columns."""

from sqlalchemy import ColumnElement, func

from app.database import schema


def whole_name() -> ColumnElement[str]:
    """Of an identity: its names, else its e-mail address; null where there is no identity."""
    identity = schema.identities.c
    return func.coalesce(func.nullif(func.trim(identity.first_name + " " + identity.last_name), ""), identity.email)


def pass_title() -> ColumnElement[str]:
    """Of a pass: its name, else what is printed on it, else its UID."""
    card = schema.passes.c
    return func.coalesce(func.nullif(card.name, ""), card.visible_id, card.uid)
