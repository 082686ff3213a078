#include "sandbox/running_child.hpp"

#include "sandbox/limits.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/wait.h>

#include <boost/asio/buffer.hpp>

namespace persais::sandbox {
namespace {

using stream = running_child::stream;
using steady = running_child::steady;
using shared = std::shared_ptr<running_child>;
using boost::system::error_code;

constexpr std::size_t piece_bytes = 64 * 1024;

/// Calls the callback; what it throws ends the child, and then this returns false.
bool told(running_child& child, const std::function<void(std::string_view)>& callback, std::string_view piece) {
    try {
        if (callback) callback(piece);
        return true;
    } catch (...) {
        if (!child.broken) child.broken = std::current_exception();
        child.end();
        return false;
    }
}

/// Whether the conversation reads slower than the child prints: then the pipe fills, and the child must wait. After the
/// tree has ended, at most the pipe's content is left, and nothing is held back.
bool must_wait(const running_child& child) {
    return child.conversing && !child.keeper_ended && child.lines.bytes() >= limits::process_unread_bytes;
}

awaitable<> read_output(shared child) {
    std::vector<char> buffer(piece_bytes);
    for (;;) {
        error_code ec;
        auto got =
            co_await child->output.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
        std::string_view piece(buffer.data(), got);
        child->last_sign = steady::now();
        child->kept_output.add(piece);
        if (!told(*child, child->spec.on_output, piece)) break;
        if (!child->conversing) continue;
        child->lines.add(piece);
        child->wake_all();
        while (must_wait(*child)) {
            child->held_back = true;
            co_await running_child::change(child);
            child->last_sign = steady::now();
        }
        child->held_back = false;
    }
    child->lines.finish();
    child->output_over = true;
}

awaitable<> read_error(shared child) {
    std::vector<char> buffer(piece_bytes);
    for (;;) {
        error_code ec;
        auto got =
            co_await child->error.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
        std::string_view piece(buffer.data(), got);
        child->last_sign = steady::now();
        child->kept_error.add(piece);
        if (!told(*child, child->spec.on_error, piece)) break;
    }
}

awaitable<> write_input(shared child) {
    for (;;) {
        if (child->untaken() == 0) {
            if (child->input_ends || child->keeper_ended) break;
            co_await running_child::change(child);
            continue;
        }
        error_code ec;
        co_await child->input.async_wait(stream::wait_write, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
        auto left = std::string_view(child->to_write).substr(child->taken, piece_bytes);
        auto wrote = write_quietly(child->input.native_handle(), left);
        if (wrote < 0 && errno != EAGAIN && errno != EINTR) break; // the child reads no further, which it may
        if (wrote <= 0) continue;
        child->taken += static_cast<std::size_t>(wrote);
        if (child->taken * 2 >= child->to_write.size()) { // rarely enough that a long input is not moved repeatedly
            child->to_write.erase(0, child->taken);
            child->taken = 0;
        }
        child->wake_all();
    }
    child->input_over = true;
    error_code ignored;
    child->input.close(ignored);
}

/// The sockets in one message of the keeper; empty when there is none.
std::vector<owned_fd> received(int from) {
    char byte = 0;
    iovec content{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * keeper::sockets_most)];
    msghdr message{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    std::vector<owned_fd> sockets;
    if (::recvmsg(from, &message, MSG_CMSG_CLOEXEC) <= 0) return sockets;
    const auto* header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) return sockets;
    for (std::size_t i = 0; i < (header->cmsg_len - CMSG_LEN(0)) / sizeof(int); ++i) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
        sockets.emplace_back(fd);
    }
    return sockets;
}

/// Gives the sockets of the program's own network to the one who is that network.
awaitable<> take_sockets(shared child) {
    error_code ec;
    co_await child->network.async_wait(stream::wait_read, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return;
    if (auto sockets = received(child->network.native_handle()); !sockets.empty())
        child->spec.network->take(std::move(sockets));
    child->network.close(ec);
}

/// The keeper's next record; nullopt: there will be none. A clone that hangs may have a descriptor of the same pipe,
/// but a keeper that ended by itself has told all.
awaitable<std::optional<keeper::record>> next_record(shared child) {
    keeper::record record{};
    while (!child->all_told) {
        error_code ec;
        auto got = co_await child->status.async_read_some(asio::buffer(&record, sizeof record),
                                                          asio::redirect_error(asio::use_awaitable, ec));
        if (got == sizeof record) co_return record; // they are written in one piece
        if (!child->all_told) co_return std::nullopt;
    }
    bool more = ::read(child->status.native_handle(), &record, sizeof record) == sizeof record;
    co_return more ? std::optional(record) : std::nullopt;
}

/// Waits until the keeper ended.
awaitable<> reap(shared child) {
    error_code ec;
    int status = -1;
    do // what ends a wait need not be what was waited for
        co_await child->pidfd.async_wait(stream::wait_read, asio::redirect_error(asio::use_awaitable, ec));
    while (!ec && ::waitpid(child->pid, &status, WNOHANG) == 0);
    child->reaped = true;
    child->all_told = WIFEXITED(status); // else what is inside ends a moment later
    if (child->all_told) child->status.cancel(ec);
    child->wake_all();
}

/// Hears of it until the keeper ended, and then a moment for the end of the output, because a process outside of the
/// tree may have been given a descriptor of it.
awaitable<> follow(shared child) {
    while (auto record = co_await next_record(child)) {
        child->records.push_back(*record);
        bool begun = record->what == keeper::said::cloned || record->what == keeper::said::started;
        if (begun && child->spec.on_begin) child->spec.on_begin(record->code);
    }
    while (!child->reaped)
        co_await running_child::change(child);
    error_code ec;
    child->keeper_ended = true;
    child->wake_all();
    auto until = steady::now() + limits::output_drain;
    while (child->readers > 0 && steady::now() < until) {
        child->drain.expires_at(until);
        co_await child->drain.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
    for (stream* open : {&child->output, &child->error, &child->input, &child->network})
        open->close(ec);
}

/// Ends the child at its deadlines.
awaitable<> watch(shared child) {
    while (!child->keeper_ended && !child->ending) {
        auto until = child->started + child->spec.total;
        auto now = steady::now();
        if (now >= until) child->end(ended::timed_out);
        if (child->spec.idle.count() > 0) {
            auto sign = child->held_back ? now : child->last_sign;
            if (now >= sign + child->spec.idle && child->spec.sign_of_life)
                sign = std::max(sign, child->spec.sign_of_life());
            if (now >= sign + child->spec.idle) child->end(ended::went_idle);
            until = std::min(until, sign + child->spec.idle);
        }
        if (child->ending) co_return;
        error_code ec;
        child->deadline.expires_at(until);
        co_await child->deadline.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
    child->end();
}

} // namespace

running_child::running_child(const asio::any_io_executor& executor, child_spec what, keeper_process process,
                             bool has_conversation)
    : spec(std::move(what)), pid(process.pid), life(std::move(process.life)), pidfd(executor, process.pidfd.release()),
      input(executor), output(executor, process.output.release()), error(executor, process.error.release()),
      status(executor, process.status.release()), network(executor), changed(executor, steady::time_point::max()),
      deadline(executor), drain(executor), kept_output(spec.keep_output), kept_error(spec.keep_output),
      to_write(std::move(spec.input)), conversing(has_conversation), input_ends(!has_conversation) {
    if (process.input) input.assign(process.input.release());
    if (process.network) network.assign(process.network.release());
}

void running_child::end(std::optional<ended> why) {
    if (ending) return;
    ending = true;
    if (!keeper_ended) ended_by = why;
    life = {};
    wake_all();
}

void running_child::end_conversation() {
    conversing = false;
    input_ends = true;
    lines = {};
    wake_all();
}

void running_child::wake_all() {
    changed.cancel();
    deadline.cancel();
    drain.cancel();
}

awaitable<> running_child::change(shared child) {
    error_code ec;
    co_await child->changed.async_wait(asio::redirect_error(asio::use_awaitable, ec));
}

void serve(const asio::any_io_executor& executor, const shared& child) {
    auto add = [&](awaitable<> work, bool reads) {
        ++child->coroutines;
        child->readers += reads;
        asio::co_spawn(executor, std::move(work), [child, reads](const std::exception_ptr& e) {
            if (e && !child->broken) child->broken = e;
            if (e) child->end();
            --child->coroutines;
            child->readers -= reads;
            child->wake_all();
        });
    };
    add(read_output(child), true);
    add(read_error(child), true);
    add(reap(child), false);
    add(follow(child), false);
    add(watch(child), false);
    if (child->input.is_open()) add(write_input(child), false);
    if (child->network.is_open()) add(take_sockets(child), false);
}

} // namespace persais::sandbox
