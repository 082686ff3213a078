#include "telegram/inbound/webhook.hpp"

#include "base/encoding.hpp"
#include "telegram/api/update.hpp"

namespace persais::telegram {

telegram::stored_update update_of(std::string body) {
    if (auto number = update_number(body); number && *number >= 0) return {*number, std::move(body)};
    auto digest = sha256(body);
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i)
        bits = bits << 8 | static_cast<unsigned char>(digest[static_cast<std::size_t>(i)]);
    return {static_cast<std::int64_t>(bits | 1ULL << 63), std::move(body)};
}

hook_reply wrong_secret() {
    return {401, "The secret token is not the one that was given to Telegram."};
}
hook_reply come_later() {
    return {503, "It cannot be stored now: send it again later."};
}

result<void, hook_reply> admit_call(const hook_secrets& secrets, std::string_view shown) {
    if (secrets.empty()) return std::unexpected(come_later());
    if (!secrets.know(shown, std::chrono::steady_clock::now())) return std::unexpected(wrong_secret());
    return {};
}

awaitable<hook_reply> take_call(intake& in, std::string body) {
    std::vector<telegram::stored_update> one;
    one.push_back(update_of(std::move(body)));
    if (!co_await in.take(std::move(one))) co_return come_later();
    co_return hook_reply{};
}

} // namespace persais::telegram
