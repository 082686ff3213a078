#include "base/text.hpp"
#include "git/address.hpp"

namespace persais::git {

bool same_host(const std::string& one, const std::string& other) {
    if (one.empty() || other.empty()) return false;
    auto a = read_address({.url = one, .token = "", .ca_file = ""});
    auto b = read_address({.url = other, .token = "", .ca_file = ""});
    return a && b && !a->origin.empty() && a->origin == b->origin;
}

std::string commit_message(std::string_view instruction) {
    constexpr std::size_t subject_bytes = 72;
    auto whole = text::printable(text::trim(instruction));
    auto first = std::string(text::trim(std::string_view(whole).substr(0, whole.find('\n'))));
    if (first.size() <= subject_bytes && first.size() == whole.size()) return first + "\n";
    auto subject = first;
    if (subject.size() > subject_bytes) {
        subject = text::cut(subject, subject_bytes - 3);
        if (auto space = subject.rfind(' '); space != std::string::npos && space > subject_bytes / 2)
            subject.resize(space);
        subject += "…";
    }
    return subject + "\n\n" + whole + "\n";
}

} // namespace persais::git
