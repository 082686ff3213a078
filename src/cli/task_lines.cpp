#include "cli/task_lines.hpp"

#include "base/text.hpp"
#include "cli/limits.hpp"
#include "cli/task_words.hpp"
#include "cli/tongue.hpp"

#include <fmt/format.h>

namespace persais::cli {

using namespace mechanic;

namespace {

std::string short_id(const std::string& commit) {
    return commit.substr(0, 12);
}

/// Whole lines from its end, because the last lines of a test run tell most.
std::string last_lines(const std::string& text, std::size_t most) {
    if (text.size() <= most) return text;
    auto from = text.find('\n', text.size() - most);
    if (from == text.npos || from + 1 >= text.size()) from = text.size() - most; // the last line alone is too long
    return "… " + text.substr(from + 1);
}

/// What the branch holds. A settled task without work of its own turn shows what it pushed before.
std::string on_branch(const task& t) {
    const auto& k = t.known;
    if (seen_of_branch(t) == branch_seen::not_ours)
        return said<" (when last looked at, it was deleted there or had work of somebody else)",
                    " (при последней проверке её там не было или в ней была чужая работа)">();
    const auto* pushed = pushed_work(t);
    auto doubt = push_in_doubt(t) && is_settled(t.now)
                     ? said<"whether it was pushed is not known", "отправлено ли это, неизвестно">()
                     : said<"not pushed", "не отправлено">();
    if (!pushed && !k.made && k.in_doubt)
        return said<" (whether {} was pushed is not known)", " (отправлен ли {}, неизвестно)">(
            short_id(k.in_doubt->made.commit));
    if (!pushed)
        return k.made ? said<" at {} ({})", ", коммит {} ({})">(short_id(k.made->commit), doubt)
                      : said<" (nothing made yet)", " (пока ничего не сделано)">();
    auto at = said<" at ", ", коммит ">() + short_id(pushed->commit);
    if (k.made && k.made->commit != pushed->commit)
        return said<"{} (this turn's {}: {})", "{} (сейчас {}: {})">(at, short_id(k.made->commit), doubt);
    return is_settled(t.now) || k.made
               ? at
               : at + said<" (this turn has made nothing yet)", " (сейчас пока ничего не сделано)">();
}

} // namespace

std::string branch_words(const task& t) {
    const auto& k = t.known;
    return said<"{}{}, on {} {}", "{}{}, от {} {}">(k.branch, on_branch(t), k.base_branch, short_id(k.base));
}

std::string change_words(const diff_size& s) {
    return said<"{0} {0:file|files}, +{1} -{2}", "{0} {0:файл|файла|файлов}, +{1} -{2}">(number{s.files}, s.insertions,
                                                                                         s.deletions);
}

std::string noted_words(const work& w) {
    std::string all;
    for (const auto& each : w.noted) {
        auto kind = each.kind == "ci"     ? std::string("CI")
                    : each.kind == "lock" ? said<"lock file", "lock-файл">()
                                          : said<"licence", "лицензия">();
        all += fmt::format("{}{} ({})", all.empty() ? "" : ", ", each.path, kind);
    }
    return all;
}

std::string setup_words(const facts& k) {
    if (!k.setup_failed.empty())
        return said<"{}: failed, and the checks ran without it", "{}: не удалась, проверки шли без неё">(
            k.setup_failed);
    return k.setup.command.empty() ? "" : fmt::format("{} ({})", k.setup.command, in_tongue(k.setup.source));
}

std::string red_words(const facts& k) {
    return last_lines(k.feedback, limits::said_shown_bytes);
}

std::string agent_words(const facts& k) {
    return text::cut(k.said, limits::said_shown_bytes) + (k.said.size() > limits::said_shown_bytes ? " …" : "");
}

} // namespace persais::cli
