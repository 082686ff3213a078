// What a forge lacks whose client does not know it.
#include "forge/requests.hpp"

#include "base/told.hpp"

namespace persais::forge {

std::unexpected<trouble> not_known_here() {
    return std::unexpected(
        trouble{trouble::kind::refused,
                told<"The forge knows nothing like that here.", "Хостинг здесь ничего такого не знает.">()});
}

awaitable<outcome<merging>> requests::begin_merge(request which, std::string way) {
    auto merged = co_await merge(std::move(which), std::move(way));
    if (!merged) co_return std::unexpected(std::move(merged.error()));
    co_return merging{merging::state::merged, std::move(*merged), {}};
}

awaitable<outcome<merging>> requests::merging_of(request, std::string) {
    co_return merging{merging::state::over, {}, {}};
}

awaitable<outcome<queue_place>> requests::place_in_queue(request) {
    co_return queue_place{};
}

awaitable<outcome<void>> requests::enqueue(request) {
    co_return not_known_here();
}

awaitable<outcome<void>> requests::leave_queue(request) {
    co_return outcome<void>{};
}

awaitable<outcome<void>> requests::close(int) {
    co_return not_known_here();
}

awaitable<outcome<void>> requests::reopen(int) {
    co_return not_known_here();
}

awaitable<outcome<void>> requests::comment(int, std::string, std::string) {
    co_return not_known_here();
}

awaitable<outcome<deployment_seen>> requests::deployment_of(deployment_question) {
    co_return not_known_here();
}

} // namespace persais::forge
