#pragma once
#include "base/told.hpp"
#include "mechanic/task.hpp"
#include "service/refusal.hpp"

namespace persais::service {

/// The refusal of what a person asked of commit `shown`, when the task is at `now`.
inline std::unexpected<refusal> stale_commit(task_id of, const std::string& now, const std::string& shown) {
    return refuse(refusal::reason::stale, told<"Task {} is at commit {} by now, not at {}: look at that one first.",
                                               "Задача {} уже на коммите {}, а не на {}: сначала посмотрите на него.">(
                                              of.value, now.substr(0, 10), shown.substr(0, 10)));
}

} // namespace persais::service
