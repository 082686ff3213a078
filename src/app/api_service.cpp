#include "app/api_service.hpp"

namespace persais::app {

api_service::api_service(const asio::any_io_executor& executor, engine& on, const config::settings& settings,
                         std::function<void()> wake_workers, std::function<bool()> hears)
    : tasks_(settings, on.database().tasks(), time_), diffs_(on.with().mirrors, settings, on.with().tokens),
      calls_(on.database().pool(), tasks_, on.database().tasks(), on.repositories(), time_, std::move(wake_workers)),
      hub_(executor, on.database().pool(), settings),
      with_{.db = on.database().pool(),
            .settings = settings,
            .requests = on.database().tasks(),
            .rules = tasks_,
            .tasks = calls_,
            .diffs = diffs_,
            .events = hub_,
            .spent = [&on](task_id id) { return on.with().gateway.spent_by(id); }} {
    tasks_.know(&on.repositories());
    hub_.hears = std::move(hears);
}

} // namespace persais::app
