#include "checks/feedback.hpp"

#include "base/text.hpp"
#include "base/told.hpp"

#include <re2/re2.h>
#include <vector>

namespace persais::checks {

namespace {

std::vector<std::string> clean_lines(std::string_view output) {
    std::vector<std::string> lines;
    std::string text = text::printable(output); // without escape sequences; a carriage return restarts its line
    for (std::size_t at = 0; at < text.size();) {
        auto end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        while (!line.empty() && (line.back() == ' ' || line.back() == '\t'))
            line.pop_back();
        bool repeated = lines.size() > 1 && line == lines.back() && line == lines[lines.size() - 2];
        if (!repeated) lines.push_back(std::move(line));
        at = end + 1;
    }
    return lines;
}

/// What checks print is a stranger's, and is read on the service's loop: RE2 takes as long as the text is. (libstdc++'s
/// own takes seconds for 8 KB without a line's end.)
bool tells_of_failure(const std::string& line) {
    static const re2::RE2 words(
        R"(\b(FAIL(ED|URE|S)?|ERROR|Error|error|panicked|assert|Assertion|Traceback|expected|Expected)\b)"
        R"(|^E  |^\s*(File|at) .*:\d+|^--- |^not ok|✗|✕|●)");
    return line.size() < 2000 && re2::RE2::PartialMatch(line, words);
}

std::string joined(const std::vector<std::string>& lines, const std::vector<bool>& keep) {
    std::string all;
    bool gap = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!keep[i]) {
            gap = true;
            continue;
        }
        if (gap) all += "[…]\n";
        gap = false;
        all += lines[i] + "\n";
    }
    return all;
}

} // namespace

std::string missing_tool(int exit_code, std::string_view output) {
    constexpr std::size_t read_bytes = 8 * 1024; // the message is at the end
    std::string text = text::printable(output.substr(output.size() - std::min(output.size(), read_bytes)));
    std::string name;
    static const re2::RE2 not_found(R"((?:^|\n)[^\n]*?(?:line \d+: |: )?([A-Za-z0-9_./+-]+): (?:command )?not found)");
    static const re2::RE2 module(R"(No module named '?(pytest|tox|nox|unittest2|nose)'?)");
    static const re2::RE2 make_missing(R"(make[^\n]*: ([A-Za-z0-9_./+-]+): No such file or directory)");
    if (exit_code == 126)
        return told<"a program that the checks call may not be executed",
                    "программу, которую вызывают проверки, нельзя выполнить">();
    if ((exit_code == 127 || exit_code == 2) && re2::RE2::PartialMatch(text, not_found, &name))
        return "`" + name + "` is not installed";
    if (exit_code == 127)
        return told<"a program that the checks call is not installed",
                    "программа, которую вызывают проверки, не установлена">();
    if (exit_code == 2 && re2::RE2::PartialMatch(text, make_missing, &name)) return "`" + name + "` is not installed";
    if (exit_code == 1 && text.size() < 4000 && re2::RE2::PartialMatch(text, module, &name))
        return "the Python module `" + name + "` is not installed";
    return {};
}

std::string useful_part(std::string_view output, std::size_t most) {
    auto lines = clean_lines(output);
    std::vector<bool> keep(lines.size(), true);
    auto whole = joined(lines, keep);
    if (whole.size() <= most) return whole;

    // The end is taken first, because summaries are there; then failures with the lines around them, newest first,
    // while there is room.
    keep.assign(lines.size(), false);
    std::size_t used = 0;
    auto take = [&](std::size_t i, std::size_t room) {
        if (keep[i]) return true;
        if (used + lines[i].size() + 8 > room) return false;
        used += lines[i].size() + 8; // with the mark of a gap
        keep[i] = true;
        return true;
    };
    for (std::size_t i = lines.size(); i-- > 0;)
        if (!take(i, most / 2)) break;
    for (std::size_t i = lines.size(); i-- > 0;) {
        if (keep[i] || !tells_of_failure(lines[i])) continue;
        bool room = true;
        for (std::size_t j = i > 2 ? i - 2 : 0; room && j < std::min(i + 4, lines.size()); ++j)
            room = take(j, most);
        if (!room) break;
    }
    return text::cut(joined(lines, keep), most);
}

} // namespace persais::checks
