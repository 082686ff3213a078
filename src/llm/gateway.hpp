#pragma once
#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "llm/types.hpp"
#include "store/store.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace persais::llm {

/// The OpenAI-compatible endpoint that agents reach by a unix socket with a token per task; it alone holds the key.
class gateway {
public:
    /// `db` and `time` must outlive the gateway's coroutines: after `close` let the loop run dry.
    gateway(const asio::any_io_executor& executor, store::pool& db, const clock& time, upstream where,
            gateway_options options = {});
    ~gateway();

    /// Serves on a unix socket at `path` (mode 0666: the token is what admits) until cancelled or `close`.
    result<void> listen(std::filesystem::path path);
    void close();
    /// Another key, endpoint, prices or routing from the next call on. ca_file stays that of the start.
    void renew(upstream where);

    /// Admits a task's agent. The token is random and dies with `end` and with this process.
    secret begin(session_spec spec);
    /// Ends a session: calls under way are cut.
    void end(const secret& token);

    /// An admin stopped all spending: calls under way are cut now. Without it that is noticed within
    /// limits::pause_look.
    void pause();
    /// Whether spending is paused. Asks the database only when it was, as far as is known.
    awaitable<bool> paused();
    /// Asks the database now: somebody else may have paused, or let spending go on. Throws db_error.
    awaitable<void> look_for_pause();

    awaitable<spent> spent_by(task_id task);
    last_failure failure_of(const secret& token) const;
    /// From the endpoint's /models (kept 1 h). Unknown when the endpoint lists none.
    awaitable<model_facts> facts(std::string model);
    /// The names that the endpoint lists, from the same; empty when it lists none, or cannot be reached.
    awaitable<std::vector<std::string>> models();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace persais::llm
