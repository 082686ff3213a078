#pragma once
#include "queue/audit.hpp"

#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace persais::cli {

/// Who did something: "terminal", "person 11".
std::string by_words(const std::string& by);
std::string by_words(const std::vector<std::string>& all);
/// What a row of the audit says happened: "deployed", "rollback asked for, anyway". A word of a newer version is shown
/// as it is.
std::string audit_words(const queue::audited& row);
/// A table with a header: when, task, what, by whom, commit, repository (when there are several).
std::string audit_table(const std::vector<queue::audited>& rows);
/// A line of `persais audit --json`.
boost::json::object audit_json(const queue::audited& row);

} // namespace persais::cli
