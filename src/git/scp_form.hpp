#pragma once
#include "base/url.hpp"

namespace persais::git {

/// `[user@]host:path` and `[user@host:port]:path`, git's short form of an ssh address. It is no URL. The parts are
/// pieces of the text that was cut, which must outlive them.
struct scp_form {
    std::string_view authority; // [user@]host[:port] as a URL has it; an IPv6 address with its brackets
    std::string_view path;      // relative to the user's home, unless it begins with a slash
};

/// The form alone: the path may be empty. Nothing: the text is a URL or a path (it has a slash before its colon, no
/// colon, or nothing before it), or names a helper.
std::optional<scp_form> cut_scp_form(std::string_view text);

/// `name::address`: a remote helper, a program that git would start.
bool names_a_helper(std::string_view text);

} // namespace persais::git
