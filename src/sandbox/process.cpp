#include "sandbox/process.hpp"

#include "base/uninterrupted.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/running_child.hpp"

#include <stdexcept>

namespace persais::sandbox {

awaitable<std::optional<line>> process::read_line() {
    auto child = child_;
    for (;;) {
        if (auto next = child->lines.next()) {
            if (child->held_back) child->wake_all();
            co_return next;
        }
        if (child->output_over) co_return std::nullopt;
        co_await running_child::change(child);
    }
}

awaitable<bool> process::write(std::string bytes) {
    auto child = child_;
    if (!child->takes_input()) co_return false;
    child->to_write += bytes;
    child->wake_all();
    while (child->takes_input() && child->untaken() > limits::process_input_bytes)
        co_await running_child::change(child);
    co_return child->takes_input();
}

void process::close_input() {
    child_->input_ends = true;
    child_->wake_all();
}

void process::kill() {
    child_->end(ended::killed);
}

namespace {

bool is_cancelled(asio::cancellation_state state) {
    return state.cancelled() != asio::cancellation_type::none;
}

/// Serves the child from its start until nothing of it is left, whatever happens meanwhile.
awaitable<std::shared_ptr<running_child>> see_through(child_spec spec, conversation talk) {
    auto executor = co_await asio::this_coro::executor;
    bool conversing = static_cast<bool>(talk);
    auto input = spec.input.empty() && !conversing ? standard_input::none : standard_input::pipe;
    auto started = spawn_keeper(spec, input);
    auto child = std::make_shared<running_child>(executor, std::move(spec), std::move(started), conversing);
    serve(executor, child);
    if (talk) {
        try {
            process with(child);
            co_await interruptible(talk(with));
        } catch (...) {
            if (!child->broken) child->broken = std::current_exception();
            child->end();
        }
        child->end_conversation();
    }
    while (child->coroutines > 0) {
        if (is_cancelled(co_await asio::this_coro::cancellation_state)) child->end();
        co_await running_child::change(child);
    }
    co_return child;
}

} // namespace

awaitable<child_result> run_process(child_spec spec, conversation talk) {
    if (spec.total.count() <= 0 || spec.argv.empty())
        throw std::invalid_argument("a child needs a program and a deadline");
    auto child = co_await uninterrupted(see_through(std::move(spec), std::move(talk)));
    if (child->broken) std::rethrow_exception(child->broken);
    auto result = outcome_of(*child);
    bool cancelled = is_cancelled(co_await asio::this_coro::cancellation_state);
    if (cancelled && !child->ended_by) throw boost::system::system_error(asio::error::operation_aborted);
    co_return result;
}

} // namespace persais::sandbox
