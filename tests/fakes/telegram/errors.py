"""Answers that are errors: {"ok": false, "error_code", "description", "parameters"?}."""


class ApiError(Exception):
    def __init__(self, code, description, **parameters):
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters

    def json(self):
        found = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            found["parameters"] = self.parameters
        return found


def bad(message):
    """A 400 as the real server words it: the first letter is made small unless the second is large too."""
    if len(message) > 1 and not (message[1] == "_" or message[1].isupper()):
        message = message[0].lower() + message[1:]
    return ApiError(400, "Bad Request: " + message)


def forbidden(message):
    return ApiError(403, "Forbidden: " + message)


def conflict(message):
    return ApiError(409, "Conflict: " + message)


def too_many(seconds):
    return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
