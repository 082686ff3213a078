#pragma once
#include <string>
#include <string_view>
#include <vector>

/// GIT_CO_AUTHORS: who is named in the commits that they ask for.
namespace persais::config {

/// One entry, which may be wrong.
struct co_author {
    std::string_view written;
    std::string_view who; // "terminal", or a person's number
    std::string_view name, address;
};
/// The entries, which stand between semicolons; empty ones are left out.
std::vector<co_author> co_author_lines(std::string_view setting);

/// "Ann Lee <ann@example.org>", as the setting has it for this person; empty: it names nobody.
std::string co_author_of(std::string_view setting, std::string_view who);

} // namespace persais::config
