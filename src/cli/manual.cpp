#include "cli/manual.hpp"

#include "cli/tongue.hpp"
#include "cli/version.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::cli {

namespace {

/// Text that the language does not take for its own: a line that begins with "." or "'" would be a request, and a "-"
/// that people may copy must not become a hyphen.
std::string plain(std::string_view text) {
    std::string out;
    bool begins = true;
    for (char c : text) {
        if (begins && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
        begins = c == '\n';
    }
    return out;
}

std::string paragraph(std::string_view head, std::string_view what) {
    return fmt::format(".TP\n\\fB{}\\fR\n{}\n", plain(head), plain(what));
}

std::string head_of(const argument& a) {
    auto names = fmt::format("{}", fmt::join(a.names, ", "));
    return a.takes.empty() || !a.names.front().starts_with('-') ? names : names + " " + a.takes;
}

std::string body_of(const argument& a) {
    return a.words.empty() ? a.what : said<"{}\nOne of: {}.", "{}\nОдно из: {}.">(a.what, fmt::join(a.words, ", "));
}

std::string synopsis(const command_row& row) {
    auto line = fmt::format(".B persais{}\n", row.name.empty() ? "" : " " + plain(row.name));
    if (!row.flags.empty()) line += said<"[\\fIflags\\fR]\n", "[\\fIфлаги\\fR]\n">();
    for (const auto& word : row.positionals)
        line += fmt::format("{0}\\fI{1}\\fR{2}\n", word.needed ? "" : "[", plain(word.names.front()),
                            word.needed ? "" : "]");
    if (!row.below.empty()) line += said<"\\fIcommand\\fR\n", "\\fIкоманда\\fR\n">();
    return line;
}

/// Lines as they are.
std::string listing(std::string_view text) {
    return fmt::format(".nf\n{}{}.fi\n", plain(text), text.ends_with('\n') ? "" : "\n");
}

/// The end of a help, each part under the heading that manuals have for it.
std::string sections(std::string_view footer) {
    const std::array<std::pair<std::string, std::string>, 2> known{
        {{said<"Examples:\n", "Примеры:\n">(), said<"EXAMPLES", "ПРИМЕРЫ">()},
         {said<"Exit codes:\n", "Коды завершения:\n">(), said<"EXIT STATUS", "КОДЫ ЗАВЕРШЕНИЯ">()}}};
    std::string out;
    while (!footer.empty()) {
        auto head = std::ranges::find_if(known, [&](const auto& each) { return footer.starts_with(each.first); });
        bool other = head == known.end();
        auto end = other ? footer.npos : footer.find("\n\n");
        auto part = footer.substr(other ? 0 : head->first.size(), end == footer.npos ? end : end - head->first.size());
        out += fmt::format(".SH {}\n{}", other ? said<"MORE", "ЕЩЁ">() : head->second, listing(part));
        footer = end == footer.npos ? std::string_view() : footer.substr(end + 2);
    }
    return out;
}

const command_row* found(const command_row& from, std::string_view name) {
    if (from.name == name) return &from;
    for (const auto& each : from.below)
        if (const auto* inner = found(each, name)) return inner;
    return nullptr;
}

} // namespace

std::string page_name(std::string_view command) {
    auto name = command.empty() ? std::string("persais") : fmt::format("persais-{}", command);
    std::ranges::replace(name, ' ', '-');
    return name;
}

std::string manual(const command_row& table, std::string_view command) {
    const auto* row = found(table, command);
    if (!row) return {};
    auto title = page_name(row->name);
    auto out = said<".TH {} 1 \"\" \"persais {}\" \"Persais\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n{}",
                    ".TH {} 1 \"\" \"persais {}\" \"Persais\"\n.SH НАЗВАНИЕ\n{} \\- {}\n.SH ОБЗОР\n{}">(
        plain(title), version(), plain(title), plain(row->what), synopsis(*row));
    if (!row->below.empty()) out += said<".SH COMMANDS\n", ".SH КОМАНДЫ\n">();
    for (const auto& each : row->below)
        out += paragraph(each.name, each.what);
    if (!row->positionals.empty()) out += said<".SH WORDS\n", ".SH СЛОВА\n">();
    for (const auto& each : row->positionals)
        out += paragraph(head_of(each), body_of(each));
    if (!row->flags.empty()) out += said<".SH FLAGS\n", ".SH ФЛАГИ\n">();
    for (const auto& each : row->flags)
        out += paragraph(head_of(each), body_of(each));
    out += sections(row->footer);
    out += said<".SH SEE ALSO\n", ".SH СМОТРИТЕ ТАКЖЕ\n">();
    out += row->name.empty() ? said<"The README and docs/ of the project.\n", "README и docs/ проекта.\n">()
                             : ".BR persais (1)\n";
    return out;
}

} // namespace persais::cli
