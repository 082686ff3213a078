#include "telegram/api/addressee.hpp"

#include "base/text.hpp"
#include "telegram/api/utf16.hpp"

namespace persais::telegram {

namespace {

bool same_name(std::string_view a, std::string_view b) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

struct part {
    std::size_t from = 0, to = 0; // bytes
};

std::optional<part> part_of(std::string_view text, const mark& m) {
    auto from = byte_of_unit(text, m.offset);
    if (!from) return std::nullopt;
    auto to = byte_of_unit(text.substr(*from), m.length);
    if (!to) return std::nullopt;
    return part{*from, *from + *to};
}

/// Where the text names the bot.
std::vector<part> names(const message& m, const bot& me) {
    std::vector<part> all;
    for (const auto& each : m.marks) {
        bool mention = each.type == "mention", by_id = each.type == "text_mention" && each.user == me.id;
        if (!mention && !by_id) continue;
        auto p = part_of(m.text, each);
        if (!p) continue;
        auto word = std::string_view(m.text).substr(p->from, p->to - p->from);
        if (by_id || (word.starts_with('@') && same_name(word.substr(1), me.username))) all.push_back(*p);
    }
    return all;
}

/// "@persais_bot, fix it" and "fix it @persais_bot" ask for "fix it"; a name in the middle of a sentence is a part of
/// it.
std::string without_name(std::string_view text, const std::vector<part>& names) {
    auto from = text.find_first_not_of(" \t\r\n"), to = text.size();
    if (from == text.npos) return {};
    for (const auto& p : names)
        if (p.from == from) {
            from = std::min(text.find_first_not_of(" \t\r\n,:;", p.to), text.size());
            break;
        }
    for (const auto& p : names)
        if (p.from >= from && text::trim(text.substr(p.to)).empty()) to = p.from;
    return std::string(text::trim(text.substr(from, to - from)));
}

} // namespace

std::optional<addressed> read_addressed(const message& m, const bot& me) {
    bool alone = m.where.what == chat::kind::one_person;
    auto named = names(m, me);
    auto rest = without_name(m.text, named);
    auto said = read_command(m.text);
    bool elsewhere = said && !said->at.empty() && !same_name(said->at, me.username);
    if (!said && !named.empty()) said = read_command(rest); // "@persais_bot /status"
    bool answers = m.reply && m.reply->from && m.reply->from->id == me.id;
    if (elsewhere) return std::nullopt;
    bool by_command = said && (!said->at.empty() || said->what);
    if (!alone && !answers && named.empty() && !by_command) return std::nullopt;
    if (said) return addressed{std::move(said), {}};
    return addressed{std::nullopt, std::move(rest)};
}

} // namespace persais::telegram
