#pragma once
#include "base/url.hpp"

namespace persais::git {

/// `[user@]host:path` and `[user@host:port]:path`, git's short form of an ssh address, which is not a URL. The parts
/// are views into the parsed text, which must outlive them.
struct scp_form {
    std::string_view authority; // [user@]host[:port] as a URL has it; an IPv6 address with its brackets
    std::string_view path;      // relative to the user's home, unless it begins with a slash
};

/// Parses the form only: the path may be empty. Nothing when the text is a URL or a path (it has a slash before its
/// colon, no colon, or nothing before it), or names a helper.
std::optional<scp_form> cut_scp_form(std::string_view text);

/// Whether the text is `name::address`: a remote helper, which is a program that git would start.
bool names_a_helper(std::string_view text);

} // namespace persais::git
