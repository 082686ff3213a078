#include "sandbox/child.hpp"

#include "sandbox/keeper/protocol.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/memory_guard.hpp"
#include "sandbox/ring.hpp"
#include "sandbox/spawn.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <sys/wait.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace persais::sandbox {
namespace {

using stream = asio::posix::stream_descriptor;
using steady = std::chrono::steady_clock;
using boost::system::error_code;

constexpr std::size_t piece_bytes = 64 * 1024;

/// One child from start to end. Owned by the coroutines that serve it; `wake` is cancelled when one of them has news.
struct running {
    running(const asio::any_io_executor& executor, child_spec what, keeper_process process)
        : spec(std::move(what)), pid(process.pid), life(std::move(process.life)),
          pidfd(executor, process.pidfd.release()), input(executor), output(executor, process.output.release()),
          error(executor, process.error.release()), status(executor, process.status.release()), wake(executor),
          kept_output(spec.keep_output), kept_error(spec.keep_output) {
        if (process.input) input.assign(process.input.release());
    }

    child_spec spec;
    pid_t pid;
    owned_fd life;
    stream pidfd, input, output, error, status;
    asio::steady_timer wake;
    ring kept_output, kept_error;
    steady::time_point last_sign = steady::now();
    std::vector<keeper::record> records;
    bool keeper_ended = false;
    int readers = 0;                   // output streams that are still open
    int coroutines = 0;                // that serve this child
    std::exception_ptr callback_error; // of on_output or on_error: ends the child and is thrown by run_child
};
using shared = std::shared_ptr<running>;

awaitable<> read_output(shared child, stream& from, ring& into, std::function<void(std::string_view)> tell) {
    std::vector<char> buffer(piece_bytes);
    for (;;) {
        error_code ec;
        auto got = co_await from.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
        std::string_view piece(buffer.data(), got);
        child->last_sign = steady::now();
        into.add(piece);
        try {
            if (tell) tell(piece);
        } catch (...) {
            child->callback_error = std::current_exception();
            break;
        }
    }
    --child->readers;
}

awaitable<> write_input(shared child) {
    std::string_view left = child->spec.input;
    while (!left.empty()) {
        error_code ec;
        co_await child->input.async_wait(stream::wait_write, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
        auto wrote = write_quietly(child->input.native_handle(), left.substr(0, piece_bytes));
        if (wrote > 0)
            left.remove_prefix(static_cast<std::size_t>(wrote));
        else if (wrote < 0 && errno != EAGAIN && errno != EINTR)
            break; // it reads no further: its right
    }
    error_code ignored;
    child->input.close(ignored);
}

awaitable<> read_status(shared child) {
    for (;;) {
        error_code ec;
        keeper::record record{};
        auto got = co_await child->status.async_read_some(asio::buffer(&record, sizeof record),
                                                          asio::redirect_error(asio::use_awaitable, ec));
        if (ec || got != sizeof record) break; // records are written in one piece
        child->records.push_back(record);
    }
    error_code ec;
    co_await child->pidfd.async_wait(stream::wait_read, asio::redirect_error(asio::use_awaitable, ec));
    if (!ec) ::waitpid(child->pid, nullptr, 0);
    child->keeper_ended = true;
}

void serve(const asio::any_io_executor& executor, const shared& child, awaitable<> work) {
    ++child->coroutines;
    asio::co_spawn(executor, std::move(work), [child](const std::exception_ptr& e) {
        if (e && !child->callback_error) child->callback_error = e;
        --child->coroutines;
        child->wake.cancel();
    });
}

/// Waits until `until`, or until one of the child's coroutines has news, or until cancelled.
awaitable<> wait_for_news(shared child, steady::time_point until) {
    error_code ec;
    child->wake.expires_at(until);
    co_await child->wake.async_wait(asio::redirect_error(asio::use_awaitable, ec));
}

/// The outcome as the records tell it. With a wrapper (bubblewrap) only what the keeper inside says is about the
/// program; a wrapper that ended before it got that far could not start it, and one whose inner keeper said nothing
/// more was killed, as the program itself cannot do to it.
void read_outcome(const running& child, child_result& result) {
    bool wrapped = !child.spec.sealed.empty(), entered = !wrapped;
    std::vector<keeper::record> ends; // of the inner keeper, when there is one, and of the outer one
    for (const auto& record : child.records) {
        if (record.what == keeper::said::started) entered = true;
        if (record.what == keeper::said::exited || record.what == keeper::said::signalled) ends.push_back(record);
        if (record.what != keeper::said::could_not_start) continue;
        result.how = ended::could_not_start;
        result.code = record.code;
        return;
    }
    bool gave_up = !ends.empty() && ends.front().what == keeper::said::exited && ends.front().code <= 128;
    if (!entered && gave_up) { // more than 128: a shell's way to say that what it started was killed, and bubblewrap's
        result.how = ended::could_not_start;
        result.code = ENOEXEC;
    } else if (!entered || ends.size() < (wrapped ? 2U : 1U)) {
        result.how = ended::interrupted;
        result.code = SIGKILL;
    } else {
        result.how = ends.front().what == keeper::said::exited ? ended::exited : ended::signalled;
        result.code = ends.front().code;
    }
}

/// The tree ran out of memory: its own, as its control group or its keeper says; or the machine's, if it was killed
/// while the kernel made room (a shell says 128 + SIGKILL of what it started).
bool ran_out_of_memory(const running& child, child_result& result) {
    auto says = [&](keeper::said what) {
        return std::ranges::any_of(child.records, [&](const auto& record) { return record.what == what; });
    };
    bool killed = result.how == ended::interrupted || (result.how == ended::signalled && result.code == SIGKILL) ||
                  (result.how == ended::exited && result.code == 128 + SIGKILL);
    bool own = says(keeper::said::out_of_memory);
    if (!child.spec.memory || (!own && !(killed && says(keeper::said::machine_out_of_memory)))) return false;
    result.how = ended::out_of_memory;
    result.code = SIGKILL;
    result.memory_bytes = own ? child.spec.memory->state.task_bytes : 0;
    ++child.spec.memory->state.ended;
    return true;
}

/// Until the child's end, a deadline (then `how` is set) or a cancellation; in the last two cases the tree is being
/// ended.
awaitable<> watch(shared child, steady::time_point started, std::optional<ended>& how) {
    while (!child->keeper_ended && !child->callback_error) {
        auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) break;
        auto until = started + child->spec.total;
        auto now = steady::now();
        if (now >= until) {
            how = ended::timed_out;
            break;
        }
        if (child->spec.idle.count() > 0) {
            auto sign = child->last_sign;
            if (now >= sign + child->spec.idle && child->spec.sign_of_life)
                sign = std::max(sign, child->spec.sign_of_life());
            if (now >= sign + child->spec.idle) {
                how = ended::went_idle;
                break;
            }
            until = std::min(until, sign + child->spec.idle);
        }
        co_await wait_for_news(child, until);
    }
    child->life = {};
}

/// From its start until nothing of it is left, whatever happens meanwhile. The deadline that ended it, if one did.
awaitable<std::optional<ended>> see_through(shared child, steady::time_point started) {
    auto executor = co_await asio::this_coro::executor;
    child->readers = 2;
    serve(executor, child, read_output(child, child->output, child->kept_output, child->spec.on_output));
    serve(executor, child, read_output(child, child->error, child->kept_error, child->spec.on_error));
    serve(executor, child, read_status(child));
    if (child->input.is_open()) serve(executor, child, write_input(child));

    std::optional<ended> deadline;
    co_await watch(child, started, deadline);
    while (!child->keeper_ended)
        co_await wait_for_news(child, steady::time_point::max());
    // A descriptor of its output may have been handed to a process that is not of its tree.
    auto drained = steady::now() + limits::output_drain;
    while (child->readers > 0 && steady::now() < drained)
        co_await wait_for_news(child, drained);
    error_code ignored;
    for (stream* open : {&child->output, &child->error, &child->input})
        open->close(ignored);
    while (child->coroutines > 0)
        co_await wait_for_news(child, steady::time_point::max());
    co_return deadline;
}

} // namespace

std::string memory_words(const child_result& result) {
    if (result.memory_bytes == 0) return "was ended because this machine had no memory left";
    return "used more than " + mebibytes(result.memory_bytes) + " of memory and was ended";
}

awaitable<child_result> run_child(child_spec spec) {
    if (spec.total.count() <= 0 || spec.argv.empty())
        throw std::invalid_argument("a child needs a program and a deadline");
    auto executor = co_await asio::this_coro::executor;
    auto started = steady::now();
    auto process = spawn_keeper(spec);
    auto child = std::make_shared<running>(executor, std::move(spec), std::move(process));
    auto deadline = co_await uninterrupted(see_through(child, started));
    auto state = co_await asio::this_coro::cancellation_state;
    if (child->callback_error) std::rethrow_exception(child->callback_error);
    child_result result;
    read_outcome(*child, result);
    bool out_of_memory = ran_out_of_memory(*child, result);
    if (deadline && !out_of_memory && result.how != ended::could_not_start)
        result.how = *deadline;
    else if (!deadline && state.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error(asio::error::operation_aborted);
    result.output_cut = child->kept_output.cut() || child->kept_error.cut();
    result.output = child->kept_output.take();
    result.error = child->kept_error.take();
    result.took = std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - started);
    co_return result;
}

} // namespace persais::sandbox
