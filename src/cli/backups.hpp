#pragma once
#include "backup/place.hpp"
#include "base/clock.hpp"
#include "queue/backups.hpp"

#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace persais::cli {

/// The list of backups, the newest first: name, when, how old, how large; or that there are none.
std::string backup_list(const std::vector<backup::stored>& all, const std::string& where, time_point now);

/// The lines of `persais status` about backups; empty: nothing is known of any.
std::string backup_words(const queue::backup_state& s);
boost::json::object backup_json(const queue::backup_state& s);

} // namespace persais::cli
