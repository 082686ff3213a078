#include "service/memory.hpp"

#include "base/text.hpp"
#include "base/told.hpp"
#include "base/url.hpp"
#include "memory/limits.hpp"
#include "service/remotes.hpp"
#include "service/repositories.hpp"

#include <filesystem>

namespace persais::service {

answer<std::string> note_from(std::string_view written) {
    using enum refusal::reason;
    if (!text::valid_utf8(written))
        return refuse(not_text, told<"The note is not valid UTF-8 text.", "Заметка — не текст в UTF-8.">());
    auto note = std::string(text::trim(text::printable(written)));
    if (note.empty()) return refuse(empty, told<"The note is empty.", "Заметка пуста.">());
    if (note.size() > limits::memory_item_bytes)
        return refuse(too_long, told<"A note has at most {} bytes of text; this one has {}: say it in fewer words.",
                                     "В заметке помещается не больше {} байт текста, а в этой {}: скажите короче.">(
                                    limits::memory_item_bytes, note.size()));
    return note;
}

awaitable<answer<std::string>> memory_of(store::pool& db, const config::settings& settings, std::string named) {
    std::error_code ec;
    if (named.empty()) {
        if (!settings.git_remote_url.empty()) co_return settings.git_remote_url;
        co_return refuse(refusal::reason::no_repository,
                         told<"Which repository? Name it with --repo, or set GIT_REMOTE_URL.",
                              "Какой репозиторий? Назовите его в --repo или задайте GIT_REMOTE_URL.">());
    }
    if (is_repository_name(named) && !std::filesystem::exists(named, ec)) {
        auto found = co_await find_repository(db, named);
        if (!found) co_return std::unexpected(found.error());
        co_return found->remote;
    }
    if (!cut_url(named)) // as for a task: a path is relative to this folder
        if (auto whole = std::filesystem::canonical(named, ec); !ec) named = whole.string();
    if (auto ok = acceptable(named, settings); !ok) co_return std::unexpected(ok.error());
    co_return named;
}

answer<void> may_read_memory(role here) {
    if (here >= role::reader) return {};
    return refuse(refusal::reason::not_yours, told<"What is remembered of this repository is not yours to read.",
                                                   "Память об этом репозитории вам не видна.">());
}

answer<void> may_change_memory(role here, std::optional<std::int64_t> person, const memory::item& one) {
    if (!person || here == role::admin) return {};
    if (here >= role::user && one.people == std::vector{*person}) return {};
    return refuse(refusal::reason::admins_only,
                  told<"Only an admin may change what others said.", "Менять сказанное другими может только "
                                                                     "администратор.">());
}

} // namespace persais::service
