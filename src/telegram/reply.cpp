#include "telegram/reply.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace persais::telegram {

awaitable<bool> reply_to_task(talk&, task_id, const std::string&) {
    co_return false;
}

std::string with_context(const answered_to& about, const bot& me, const std::string& text) {
    if (about.from && about.from->id == me.id) return text; // our own words, which belong to no task
    const auto& words = about.quote.empty() ? about.text : about.quote;
    auto quoted = std::string(text::trim(words));
    if (quoted.empty()) return text;
    std::string lines;
    for (std::size_t at = 0; at <= quoted.size();) {
        auto end = std::min(quoted.find('\n', at), quoted.size());
        lines += "> " + quoted.substr(at, end - at) + "\n";
        at = end + 1;
    }
    return fmt::format("{}\n\n{}", text, text::trim(lines));
}

} // namespace persais::telegram
