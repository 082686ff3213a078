#include "base/text.hpp"
#include "git/address.hpp"
#include "git/address_ssh.hpp"

namespace persais::git {

bool same_host(const std::string& one, const std::string& other) {
    if (one.empty() || other.empty()) return false;
    auto a = read_address({.url = one});
    auto b = read_address({.url = other});
    if (!a || !b || a->origin.empty() || b->origin.empty()) return false;
    if (a->origin == b->origin) return true;
    // "https://host" and "ssh://host:22" are the same host. The usual port of https is never written in the address.
    auto usual = [](const address& at) {
        constexpr std::string_view web = "https://";
        if (at.ssh()) return at.port == ssh_port ? at.host : "";
        bool named = at.how == address::way::https && at.origin.find(':', web.size()) == std::string::npos;
        return named ? at.origin.substr(web.size()) : "";
    };
    return a->ssh() != b->ssh() && !usual(*a).empty() && usual(*a) == usual(*b);
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
