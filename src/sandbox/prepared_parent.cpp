#include "sandbox/prepared_parent.hpp"

#include "sandbox/keeper/messages.hpp"

#include <poll.h>

#include <boost/asio/posix/stream_descriptor.hpp>

namespace persais::sandbox {
namespace {

struct socket_ends {
    owned_fd ours, theirs;
};

/// Invalid when there are no descriptors.
socket_ends socket_pair() {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) return {};
    return {.ours = owned_fd(fds[0]), .theirs = owned_fd(fds[1])};
}

/// A second descriptor of something. asio forgets what it closes without a word to epoll, which watches as long as
/// there is the first one; its news would be taken for those of whatever asio has in that place by then.
struct watched {
    asio::posix::stream_descriptor descriptor;
    watched(const asio::any_io_executor& executor, int fd) : descriptor(executor, fd) {}
    ~watched() { owned_fd end(descriptor.release()); }
};

} // namespace

prepared_parent::prepared_parent(const backend& confine, child_spec spec, std::vector<std::filesystem::path> tools)
    : confine_(confine), spec_(std::move(spec)), tools_(std::move(tools)) {}

/// It says "ready", with a descriptor of its own process.
awaitable<void> prepared_parent::hear_of_it() {
    watched waiting(co_await asio::this_coro::executor, ::dup(requests_.get()));
    co_await waiting.descriptor.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
    auto said = std::make_unique<keeper::message>();
    if (!keeper::receive_message(requests_.get(), *said) || said->fd_count != 1) co_return;
    process_ = std::make_shared<const owned_fd>(said->take(0));
    ready_ = true;
}

awaitable<child_result> prepared_parent::live(conversation when_ready, std::chrono::nanoseconds within) {
    auto ends = socket_pair();
    auto spec = confine_.confine_parent(std::move(spec_), tools_);
    if (!spec || !ends.ours) co_return child_result{};
    requests_ = std::move(ends.ours);
    spec->input_socket = std::make_shared<owned_fd>(std::move(ends.theirs));
    // Ours has to be the only other end, so that each sees when the other is gone.
    auto talk = [this, &when_ready, within, theirs = spec->input_socket](process& with) -> awaitable<void> {
        *theirs = owned_fd();
        try {
            co_await with_deadline(within, hear_of_it());
        } catch (const deadline_passed&) {
            with.kill();
        }
        if (ready_ && when_ready) co_await when_ready(with);
    };
    auto result = co_await run_process(std::move(*spec), talk);
    ready_ = false;
    co_return result;
}

bool prepared_parent::is_over(const clone_offer& offer) {
    pollfd end{offer.process->get(), POLLIN, 0};
    return ::poll(&end, 1, 0) == 1;
}

void prepared_parent::retire() {
    ready_ = false;
    requests_ = owned_fd(); // a parent ends with its requests
}

std::shared_ptr<clone_offer> prepared_parent::offer() {
    if (!ready_) return nullptr;
    auto ends = socket_pair();
    int theirs = ends.theirs.get();
    char byte = 0;
    if (theirs < 0 || keeper::send_message(requests_.get(), &byte, 1, &theirs, 1, MSG_DONTWAIT) != 0) return nullptr;
    return std::make_shared<clone_offer>(clone_offer{std::move(ends.ours), process_});
}

} // namespace persais::sandbox
