#include "git/trailers.hpp"

#include "base/text.hpp"
#include "git/layout.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::git {
namespace {

/// Whether git takes the line for a trailer: a word of letters, digits and dashes, a colon, and its value.
bool is_trailer(std::string_view line) {
    auto end = line.find(':');
    if (end == line.npos || end == 0) return false;
    return std::ranges::all_of(line.substr(0, end), [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

/// Whether the message ends with trailers, as git sees it: each line of its last paragraph, which is not the subject,
/// is one or continues one; or one of git's own is among them, and a quarter are.
bool ends_with_trailers(std::string_view message) {
    auto paragraph = message.rfind("\n\n");
    if (paragraph == message.npos) return false;
    int trailers = 0, others = 0;
    bool gits_own = false;
    for (auto line : pieces(message.substr(paragraph + 2), '\n')) {
        bool continues = (line.starts_with(' ') || line.starts_with('\t')) && trailers + others > 0;
        if (continues) continue;
        gits_own = gits_own || line.starts_with("Signed-off-by: ") || line.starts_with("(cherry picked from commit ");
        ++(is_trailer(line) || line.starts_with("(cherry picked from commit ") ? trailers : others);
    }
    return trailers > 0 && (others == 0 || (gits_own && trailers * 3 >= others));
}

/// Whether the last paragraph has this line.
bool has_line(std::string_view message, std::string_view line) {
    auto last = pieces(message.substr(message.rfind("\n\n") + 2), '\n');
    return std::ranges::find(last, line) != last.end();
}

} // namespace

std::string message_of(const identity& who, std::string message) {
    std::vector<std::string> trailers;
    if (!who.co_author.empty()) trailers.push_back("Co-authored-by: " + who.co_author);
    if (who.sign_off) trailers.push_back(fmt::format("Signed-off-by: {} <{}>", who.name, who.email));
    if (trailers.empty()) return message;
    while (message.ends_with('\n') || message.ends_with(' ') || message.ends_with('\t'))
        message.pop_back();
    for (const auto& each : trailers) {
        bool more = ends_with_trailers(message);
        if (more && has_line(message, each)) continue;
        message.append(more ? "\n" : "\n\n").append(each);
    }
    return message + "\n";
}

} // namespace persais::git
