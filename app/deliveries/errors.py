"""Why something could not be handed over."""


class NotDelivered(Exception):
    """Its text, in English, is kept beside the delivery and shown to admins."""
