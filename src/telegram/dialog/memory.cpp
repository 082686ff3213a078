#include "telegram/dialog/memory.hpp"

#include "base/text.hpp"
#include "memory/limits.hpp"
#include "memory/notes.hpp"
#include "service/memory.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/dialog/limits.hpp"

#include <charconv>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace persais::telegram {

namespace {

/// False: none is chosen here, which is said.
bool has_repository(update_context& t) {
    if (!remote_here(t).empty()) return true;
    t.say(phrase::no_repository);
    return false;
}

std::string repository_words(const update_context& t) {
    return t.known.chosen ? t.known.chosen->name : forge::short_name(remote_here(t));
}

styled entry(const update_context& t, const memory::item& one) {
    auto day = fmt::format("{:%Y-%m-%d}", std::chrono::floor<std::chrono::days>(one.at));
    auto source = one.task ? t.say_plainly(phrase::used_task, {{"task", one.task->value}})
                           : t.say_plainly(phrase::used_note, {{"day", day}});
    return plain("\n") + bold(std::to_string(one.id)) + plain(" · " + source + "\n") +
           quote(plain(shown_words(one.text)));
}

awaitable<void> show(update_context& t, std::string words) {
    memory::wish wish{.remote = remote_here(t), .words = std::move(words), .most = limits::memory_shown};
    auto all = co_await memory::list(t.with.db, std::move(wish));
    if (all.empty()) {
        t.say(phrase::memory_none, {{"repository", repository_words(t)}});
        co_return;
    }
    auto out = telegram::say(t.tongue, phrase::memory_head, {{"repository", repository_words(t)}});
    for (const auto& one : all)
        out += entry(t, one);
    t.send(out + plain("\n") + telegram::say(t.tongue, phrase::memory_foot));
}

/// "12 the rest"; nullopt: no number.
std::optional<std::pair<std::int64_t, std::string>> numbered(std::string_view rest) {
    std::int64_t id = 0;
    auto read = std::from_chars(rest.data(), rest.data() + rest.size(), id);
    if (read.ec != std::errc{} || id < 1) return std::nullopt;
    auto behind = std::string_view(read.ptr, rest.data() + rest.size());
    if (!behind.empty() && behind.front() != ' ' && behind.front() != '\n') return std::nullopt;
    return std::pair{id, std::string(text::trim(behind))};
}

/// The note that was written; nullopt: it is none, which is said.
std::optional<std::string> note_of(update_context& t, std::string_view written) {
    auto note = service::note_from(written);
    if (note) return *note;
    if (note.error().why == service::refusal::reason::too_long)
        t.say(phrase::memory_long, {{"most", limits::memory_item_bytes}});
    else
        t.say(phrase::remember_what);
    return std::nullopt;
}

awaitable<void> change(update_context& t, bool correct, std::string rest) {
    auto said = numbered(rest);
    auto found = said ? co_await memory::load(t.with.db, said->first) : std::nullopt;
    if (!found || found->remote != remote_here(t)) { // what is of another repository is nobody's to find here
        t.say(phrase::memory_unknown, {{"repository", repository_words(t)}});
        co_return;
    }
    if (!service::may_change_memory(t.role_at(found->remote), t.who.id, *found)) {
        t.say(phrase::memory_others);
        co_return;
    }
    if (!correct) {
        t.write(memory::forget(found->id));
        t.say(phrase::memory_forgotten, {{"item", found->id}});
        co_return;
    }
    auto note = note_of(t, said->second);
    if (!note) co_return;
    t.write(memory::correct(found->id, *note, t.who.id));
    t.say(phrase::memory_corrected, {{"item", found->id}});
}

} // namespace

void on_remember(update_context& t, const std::string& rest) {
    if (!has_repository(t)) return;
    if (auto why = why_not_give(t.role_at(remote_here(t)))) {
        t.say(*why);
        return;
    }
    auto note = note_of(t, rest);
    if (!note) return;
    t.write(memory::add_note(remote_here(t), *note, t.who.id));
    t.say(phrase::memory_kept, {{"repository", repository_words(t)}});
}

awaitable<void> on_memory(update_context& t, std::string rest) {
    if (!has_repository(t)) co_return;
    if (!service::may_read_memory(t.role_at(remote_here(t)))) {
        t.say(phrase::no_role_here);
        co_return;
    }
    for (bool correct : {false, true})
        if (std::string_view word = correct ? "correct" : "forget";
            rest == word || rest.starts_with(std::string(word) + " ")) {
            co_await change(t, correct, std::string(text::trim(std::string_view(rest).substr(word.size()))));
            co_return;
        }
    co_await show(t, std::move(rest));
}

} // namespace persais::telegram
