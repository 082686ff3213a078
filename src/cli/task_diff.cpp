#include "cli/task_diff.hpp"

#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"

#include <fmt/format.h>

namespace persais::cli {

using namespace mechanic;

namespace {

constexpr std::string_view bold = "\x1b[1m", red = "\x1b[31m", green = "\x1b[32m", cyan = "\x1b[36m", plain = "\x1b[m";

/// Tracks where in a diff a line is. A hunk's header says how many lines the hunk has, so that a line of a file that
/// looks like a header ("-- x" that was removed shows as "--- x") is not taken for one.
class place {
public:
    std::string_view colour_of(std::string_view line) {
        bool added = line.starts_with('+'), removed = line.starts_with('-');
        if (old_ > 0 || new_ > 0) {
            if (!added && !line.starts_with('\\')) --old_;
            if (!removed && !line.starts_with('\\')) --new_;
            return added ? green : removed ? red : std::string_view();
        }
        if (line.starts_with("@@ ")) {
            read_hunk(line);
            return cyan;
        }
        return line.starts_with('\\') ? std::string_view() : bold;
    }

private:
    /// Reads "@@ -1,3 +1,4 @@ …"; a count that is missing is 1.
    void read_hunk(std::string_view line) {
        auto count = [&](char sign) -> long {
            auto at = line.find(sign);
            if (at == line.npos) return 0;
            auto number = line.substr(at + 1, line.find(' ', at) - at - 1);
            auto comma = number.find(',');
            return comma == number.npos ? 1 : std::strtol(std::string(number.substr(comma + 1)).c_str(), nullptr, 10);
        };
        old_ = count('-');
        new_ = count('+');
    }
    long old_ = 0, new_ = 0;
};

} // namespace

std::string shown_diff(std::string_view diff, bool colour) {
    std::string out;
    place at;
    while (!diff.empty()) {
        auto end = diff.find('\n');
        auto line = diff.substr(0, end);
        auto with = colour ? at.colour_of(line) : std::string_view();
        auto text = spelled_out(line);
        out += with.empty() ? text : fmt::format("{}{}{}", with, text, plain);
        out += '\n';
        diff = end == diff.npos ? std::string_view() : diff.substr(end + 1);
    }
    return out;
}

std::string no_diff_words(const task& t) {
    if (!is_settled(t.now))
        return said<"Task {} has made nothing yet: it is {}.", "Задача {} пока ничего не сделала: {}.">(
            t.id.value, in_tongue(word_of(t.now)));
    return said<"Task {} has made no change: {}.", "Задача {} ничего не изменила: {}.">(
        t.id.value, in_tongue(words(verdict_of(t).value_or(verdict::no_change))));
}

std::string elsewhere_words(const task& t) {
    if (pushed_work(t))
        return said<"The commit of task {} is not on this machine's disk (a service elsewhere made it, or the disk "
                    "is new). It is on the branch {} of {}: git fetch {} {}",
                    "Коммита задачи {} на диске этой машины нет (его сделал сервис на другой машине, или диск новый). "
                    "Он есть в ветке {} на {}: git fetch {} {}">(t.id.value, t.known.branch, t.what.remote,
                                                                 t.what.remote, t.known.branch);
    return said<"The commit of task {} is not on this machine's disk (a service elsewhere made it, or the disk is "
                "new), and it was not pushed: ask on the machine of the service.",
                "Коммита задачи {} на диске этой машины нет (его сделал сервис на другой машине, или диск новый), и он "
                "не был отправлен: спросите на машине сервиса.">(t.id.value);
}

} // namespace persais::cli
