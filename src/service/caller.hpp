#pragma once
#include "config/settings.hpp"
#include "service/access.hpp"
#include "store/store.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace persais::service {

/// What a token is good for, beside what its person may do. Each stands alone: whoever submits need not read.
enum class scope { read, submit, deploy, admin };
std::optional<scope> scope_named(std::string_view word);
std::string_view name_of(scope s);

/// Somebody who asks by the API: a person, or whoever is at a terminal of the machine, as the rights are now.
struct caller {
    std::int64_t token = 0;                  // its number
    std::optional<std::int64_t> person = {}; // nullopt: the terminal, which is an admin
    std::set<scope> scopes = {};
    known_people known = {};

    /// As landing::by, and in the audit.
    std::string by() const;
    role everywhere(const config::settings& settings) const;
    role in(std::string_view remote, const config::settings& settings) const;
    /// What a task of `remote` that `giver` gave is to them; nullopt: a terminal gave it.
    relation to(std::string_view remote, std::optional<std::int64_t> giver, const config::settings& settings) const;
    /// Whether they may look at tasks of others at all; if not, only their own have to be looked for.
    bool sees_others(const config::settings& settings) const;
};

} // namespace persais::service
