#pragma once
#include "api/operation.hpp"

/// What the operations do. Each gets a request that its caller owns until it returns.
namespace persais::api {

awaitable<http::response> list_tasks(asked& r);
awaitable<http::response> get_task(asked& r);
awaitable<http::response> get_diff(asked& r);
awaitable<http::response> get_log(asked& r);
awaitable<http::response> list_repositories(asked& r);
awaitable<http::response> list_people(asked& r);
awaitable<http::response> get_costs(asked& r);
awaitable<http::response> get_self(asked& r);
awaitable<> stream_task(asked& r, http::responder& to);
awaitable<> stream_all(asked& r, http::responder& to);

awaitable<http::response> submit_task(asked& r);
awaitable<http::response> reply_task(asked& r);
awaitable<http::response> retry_task(asked& r);
awaitable<http::response> abort_task(asked& r);
awaitable<http::response> discard_task(asked& r);
awaitable<http::response> undiscard_task(asked& r);
awaitable<http::response> deploy_task(asked& r);
awaitable<http::response> roll_back_task(asked& r);
awaitable<http::response> raise_budget(asked& r);

/// How the task stands now, as the answer to whoever changed it.
awaitable<http::response> task_response(asked& r, task_id id);

} // namespace persais::api
