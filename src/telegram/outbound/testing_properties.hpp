#pragma once
#include "mechanic/task.hpp"
#include "telegram/api/addressee.hpp"
#include "telegram/api/answer.hpp"
#include "telegram/api/limits.hpp"
#include "telegram/api/markdown.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/api/testing.hpp"
#include "telegram/outbound/render_lists.hpp"

/// Properties that must hold for any bytes. Each function returns what does not hold, or an empty string. They are
/// fuzzed at night (tests/fuzz), and run with the kept corpus and seeded bytes in every test run.
namespace persais::telegram::world {

/// A message that was only read: its addressee can be found, and its text can be sent again.
inline std::string hold_message(const message& m) {
    if (!text::valid_utf8(m.text)) return "a text that is no UTF-8";
    if (m.text.contains('\0')) return "a NUL was read";
    auto a = read_addressed(m, {99, "persais_bot"});
    if (!a && m.where.what == chat::kind::one_person && !m.text.starts_with('/') && !m.text.contains('@'))
        return "not meant for anybody";
    if (a && !text::valid_utf8(a->text)) return "a name was cut out of a character";
    return {};
}

inline std::string hold_update(std::string_view bytes) {
    auto u = read_update(bytes);
    if (u.has_value() != update_number(bytes).has_value()) return "an update without its number";
    if (!u) return {};
    if (u->id != update_number(bytes)) return "another number";
    if (const auto* m = std::get_if<message>(&u->what)) return hold_message(*m);
    if (const auto* e = std::get_if<edited>(&u->what)) return hold_message(e->now);
    return {};
}

inline std::string hold_answer(std::string_view bytes) {
    auto a = read_answer(bytes);
    if (a && !a->ok) {
        if (!text::valid_utf8(a->description)) return "a description that is no UTF-8";
        meaning(*a);
        if (read_updates(bytes)) return "updates of a refusal";
    }
    if (a) {
        sent_message(*a);
        read_bot(*a);
    }
    if (auto all = read_updates(bytes))
        for (const auto& each : *all) {
            if (!bytes.contains(each.body)) return "an update that was not there";
            if (auto wrong = hold_update(each.body); !wrong.empty()) return wrong;
        }
    return {};
}

inline std::string hold_command(std::string_view bytes) {
    nearest_command(bytes);
    read_task_number(bytes);
    if (auto s = read_command(bytes)) {
        if (s->name.empty()) return "a command without a name";
        if (s->what && row_of(*s->what).name != s->name) return "a command of another name";
        if (!bytes.contains(s->rest)) return "arguments that were not there";
    }
    // The first bytes are flags; the rest is the text.
    message m{.where = {.what = chat::kind::supergroup}};
    auto digits = bytes.substr(0, std::min<std::size_t>(6, bytes.size()));
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        m.marks.push_back({i == 0 ? "text_mention" : "mention", static_cast<unsigned char>(digits[i]),
                           static_cast<unsigned char>(digits[i + 1]), 99});
    m.text = shown(bytes.substr(digits.size()));
    return hold_message(m);
}

/// Builds a message of many pieces from the bytes: each piece begins with its style and its length.
inline styled composed(std::string_view bytes) {
    styled out;
    while (bytes.size() > 2) {
        auto how = static_cast<unsigned char>(bytes[0]) % 7;
        auto piece = bytes.substr(2, static_cast<unsigned char>(bytes[1]));
        bytes.remove_prefix(2 + piece.size());
        switch (how) {
        case 0:
            out += bold(piece);
            break;
        case 1:
            out += code(piece);
            break;
        case 2:
            out += pre(piece, "diff");
            break;
        case 3:
            out += linked(piece, "https://x.example");
            break;
        case 4:
            out += quote(from_markdown(piece));
            break;
        case 5:
            out += from_markdown(piece);
            break;
        default:
            out += plain(piece);
            break;
        }
    }
    return out;
}

inline std::string hold_text(std::string_view bytes) {
    auto s = shown(bytes);
    if (!is_kept(s) || !text::valid_utf8(s)) return "shown, and changed on the way";
    if (shown(s) != s) return "shown twice is not what is shown once";
    auto line = one_line(bytes, 20);
    if (units(line) > 20 || line.contains('\n')) return "not one line";
    auto t = composed(bytes);
    auto most = bytes.empty() ? std::size_t{4096} : 3 + 2 * static_cast<unsigned char>(bytes[0]);
    for (const auto& part : parts(t, most))
        if (auto wrong = flaw(part, most); !wrong.empty()) return "a part: " + wrong;
    if (auto cut = truncated(t, most); !cut.text.empty())
        if (auto wrong = flaw(cut, most); !wrong.empty()) return "truncated: " + wrong;
    mechanic::task of{.id = {17}};
    of.what.instruction = bytes;
    of.known.said = bytes;
    of.now = mechanic::failed{mechanic::verdict::model_failed, "key", std::string(bytes)};
    auto shows = [](const styled& text) { return flaw(text, limits::telegram_text_units); };
    if (auto wrong = shows(result_message(language::ru, of, {}).text); !wrong.empty()) return "a result: " + wrong;
    auto doing = progress_message(language::en, of,
                                  {.repository = std::string(bytes),
                                   .doing = mechanic::progress{mechanic::progress::kind::editing, std::string(bytes)}});
    if (auto wrong = shows(doing.text); !wrong.empty()) return "progress: " + wrong;
    if (auto log = log_message(language::en, of.id, bytes))
        if (auto wrong = shows(log->text); !wrong.empty()) return "a log: " + wrong;
    auto diff = diff_message(language::en, of.id, {}, "c", bytes);
    if (diff)
        if (auto wrong = shows(diff->text); !wrong.empty()) return "a diff: " + wrong;
    for (const auto& m : answer_messages(language::en, of, {}))
        if (auto wrong = shows(m.text); !wrong.empty()) return "an answer: " + wrong;
    return {};
}

} // namespace persais::telegram::world
