"""setWebhook and its kin. getUpdates waits, so the HTTP side calls it by itself."""

from .calls import method
from .errors import ApiError, bad, conflict


@method
def set_webhook(call):
    url = call.get("url", "")
    if not url:
        return delete_webhook(call)
    secret = call.get("secret_token", "")
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not all(char.isascii() and (char.isalnum() or char in "_-") for char in secret):
        raise bad("secret token contains unallowed characters")
    if "allowed_updates" in call.args:
        call.world.updates.allow(call.get("allowed_updates"))
    done = call.fake.webhook.set(url, secret, min(max(call.get("max_connections", 40), 1), 100), call.get("ip_address", ""),
                                 drop=call.get("drop_pending_updates", False))
    call.said = "Webhook was set" if done else "Webhook is already set"
    if done:
        call.world.updates.end_poll(conflict("terminated by setWebhook request"))
    return True


@method
def delete_webhook(call):
    done = call.fake.webhook.delete()
    if call.get("drop_pending_updates"):
        call.world.updates.clear()
    call.said = "Webhook was deleted" if done else "Webhook is already deleted"
    return True


@method
def get_webhook_info(call):
    return call.fake.webhook.info()


@method
def get_updates(call):
    if call.fake.webhook.url:
        raise conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
    raise ApiError(500, "Internal Server Error: getUpdates is answered elsewhere")
