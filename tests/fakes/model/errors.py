"""OpenRouter's errors: {"error": {"code", "message", "metadata"?}}, the code being the HTTP status."""

MESSAGES = {
    400: "Bad request",
    401: "No auth credentials found",
    402: "Insufficient credits. Add more credits and retry the request.",
    403: "The request was flagged by moderation",
    404: "No endpoints found",
    408: "The request timed out",
    429: "Rate limit exceeded",
    500: "Internal Server Error",
    502: "Provider returned error",
    503: "There is no available model provider that meets your routing requirements",
}


def error_object(spec):
    status = spec.get("status", 500)
    error = {"message": spec.get("message", MESSAGES.get(status, "Error")), "code": spec.get("code", status)}
    if "metadata" in spec:
        error["metadata"] = spec["metadata"]
    return error


def send_error(wire, spec):
    """spec: status, code, message, metadata, retry_after, headers, or body (+ content_type) for a page of a proxy."""
    status = spec.get("status", 500)
    headers = dict(spec.get("headers", {}))
    if "retry_after" in spec:
        headers["Retry-After"] = spec["retry_after"]
    if "body" in spec:
        wire.raw(status, spec["body"], spec.get("content_type", "text/html"), headers)
    else:
        wire.json(status, {"error": error_object(spec)}, headers)
    return status
