#include "telegram/dialog/attachments.hpp"

#include "base/text.hpp"
#include "telegram/api/shown.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::telegram {

namespace {

constexpr std::size_t name_shown = 80; // UTF-16 units

std::string quoted(std::string_view words) {
    std::string lines;
    for (std::size_t at = 0; at <= words.size();) {
        auto end = std::min(words.find('\n', at), words.size());
        lines += "> " + std::string(words.substr(at, end - at)) + "\n";
        at = end + 1;
    }
    return std::string(text::trim(lines));
}

void add(std::string& to, std::string_view part) {
    if (part.empty()) return;
    if (!to.empty()) to += "\n\n";
    to += part;
}

/// A fence that no line of the file can end.
std::string fence_for(std::string_view content) {
    std::size_t longest = 0, run = 0;
    for (char c : content) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return std::string(std::max<std::size_t>(3, longest + 1), '`');
}

std::string name_of(const update_context& t, const attachment& a) {
    auto name = one_line(a.name, name_shown);
    if (!name.empty()) return name;
    switch (a.what) {
    case attachment::kind::document:
        return t.say_plainly(phrase::attached_file);
    case attachment::kind::photo:
        return t.say_plainly(phrase::attached_photo);
    case attachment::kind::voice:
        return t.say_plainly(phrase::attached_voice);
    case attachment::kind::other:
        break;
    }
    return t.say_plainly(phrase::attached_other);
}

std::string reason(const update_context& t, unread why) {
    switch (why) {
    case unread::no_text:
        return t.say_plainly(phrase::unread_no_text);
    case unread::too_large:
        return t.say_plainly(phrase::unread_too_large);
    case unread::not_given:
        break;
    }
    return t.say_plainly(phrase::unread_not_given);
}

void leave_out(whole_message& to, std::string_view what, std::string_view why) {
    to.not_read += fmt::format("{}{} ({})", to.not_read.empty() ? "" : ", ", what, why);
}

awaitable<void> add_attachment(update_context& t, whole_message& to, attachment a) {
    to.attached = true;
    auto name = name_of(t, a);
    auto content = co_await t.with.read_document(std::move(a));
    if (!content) {
        leave_out(to, name, reason(t, content.error()));
        co_return;
    }
    auto fence = fence_for(*content);
    auto line_end = content->ends_with('\n') ? "" : "\n";
    auto part = fmt::format("The file {}:\n\n{}\n{}{}{}", name, fence, *content, line_end, fence);
    if (!service::fits(text::characters(to.text) + text::characters(part) + 2)) {
        leave_out(to, name, reason(t, unread::too_large));
        co_return;
    }
    add(to.text, part);
    to.read.push_back(name);
}

} // namespace

awaitable<whole_message> read_whole(update_context& t, const message& m, const bot& me, std::string words) {
    whole_message all{.text = std::move(words)};
    if (m.attached) co_await add_attachment(t, all, *m.attached);
    if (m.reply) {
        // The task knows its own messages; but which part of one is meant, only the person does.
        bool known = t.known.answered_to || (m.reply->from && m.reply->from->id == me.id);
        const auto& said = m.reply->quote.empty() && !known ? m.reply->text : m.reply->quote;
        if (auto trimmed = text::trim(said); !trimmed.empty()) add(all.text, quoted(trimmed));
        if (m.reply->attached && !known) co_await add_attachment(t, all, *m.reply->attached);
    }
    if (m.elsewhere) {
        auto quote = text::trim(m.elsewhere->quote);
        if (!quote.empty()) add(all.text, quoted(quote));
        if (m.elsewhere->attached)
            co_await add_attachment(t, all, *m.elsewhere->attached);
        else if (quote.empty())
            leave_out(all, t.say_plainly(phrase::attached_elsewhere), t.say_plainly(phrase::unread_hidden));
    }
    co_return all;
}

} // namespace persais::telegram
