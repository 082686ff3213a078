#pragma once
#include "api/task_json.hpp"
#include "service/tasks.hpp"

#include <optional>
#include <string>

#include <boost/json/value.hpp>

namespace persais::cli {

// What `persais deploy` and `persais rollback` say. Pure.

/// What would be done: the commit, what it is about and how large it is.
std::string offer_words(task_id id, const service::tasks::landing_offer& offer, bool back, bool anyway);
/// The commit that a person named by its beginning, or not at all; nullopt: it is another one.
std::optional<std::string> whole_commit(const std::string& named, const std::string& now);
/// That others have to agree first, for people and as a line of JSON.
std::string waits_words(task_id id, const service::tasks::landing_begun& begun);
std::string waits_json(task_id id, const service::tasks::landing_begun& begun);
/// Whether the task came to where it was to come, and is not seen unhealthy there.
bool came_through(const mechanic::task& t, bool back);
using api::health_json;
/// The end, for people and as a line of JSON.
std::string landing_words(const mechanic::task& t);
std::string landing_json(const mechanic::task& t);

} // namespace persais::cli
