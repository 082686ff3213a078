#pragma once
#include "base/result.hpp"
#include "telegram/inbound/hook_secrets.hpp"
#include "telegram/inbound/intake.hpp"

namespace persais::telegram {

/// Where Telegram calls us.
inline constexpr std::string_view webhook_path = "/telegram/webhook";
inline constexpr std::string_view secret_header = "X-Telegram-Bot-Api-Secret-Token";

/// What a call of the webhook is answered: 200, 401 or 503.
struct hook_reply {
    int status = 200;
    std::string sentence; // empty with 200
};

hook_reply wrong_secret();
hook_reply come_later();

/// The update of a body; one that has no number gets a negative one, made of its bytes, so that it is kept once.
telegram::stored_update update_of(std::string body);

/// Whether a call that shows this secret is taken; 401 or, before any secret is known, 503 if not.
result<void, hook_reply> admit_call(const hook_secrets& secrets, std::string_view shown);
/// 200 once it is stored, understood or not. `in` outlives the call.
awaitable<hook_reply> take_call(intake& in, std::string body);

} // namespace persais::telegram
