#pragma once
#include "base/result.hpp"
#include "telegram/inbound/hook_secrets.hpp"
#include "telegram/inbound/intake.hpp"

namespace persais::telegram {

/// The path that Telegram calls.
inline constexpr std::string_view webhook_path = "/telegram/webhook";
inline constexpr std::string_view secret_header = "X-Telegram-Bot-Api-Secret-Token";

/// The answer to a call of the webhook: 200, 401 or 503.
struct hook_reply {
    int status = 200;
    std::string sentence; // empty with 200
};

/// The 401, and the 503 of an update that cannot be stored now.
hook_reply wrong_secret();
hook_reply come_later();

/// The update in a body. One that has no number gets a negative one, made from its bytes, so that it is stored once.
telegram::stored_update update_of(std::string body);

/// Whether a call with this secret is accepted; if not 401 or, before any secret is known, 503.
result<void, hook_reply> admit_call(const hook_secrets& secrets, std::string_view shown);
/// 200 when the update is stored, whether it was understood or not. `in` outlives the call.
awaitable<hook_reply> take_call(intake& in, std::string body);

} // namespace persais::telegram
