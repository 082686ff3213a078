#pragma once
#include "api/task_json.hpp"
#include "config/settings.hpp"
#include "queue/people.hpp"

#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace persais::cli {

/// What `persais people list` shows: the admins whom the settings name, then all who have a right or a name elsewhere
/// besides.
std::string people_words(const std::vector<queue::team_member>& all, const config::settings& settings);
using api::person_json;

} // namespace persais::cli
