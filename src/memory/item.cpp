#include "memory/item.hpp"

#include <charconv>

namespace persais::memory {

const char item_columns[] =
    "memory_items.id, memory_items.remote, memory_items.kind, memory_items.task_id, memory_items.turn, "
    "memory_items.commit_id, (extract(epoch from memory_items.at) * 1000000)::bigint, text, "
    "untrue_because, array_to_string(people, ' ')";

namespace {

std::vector<std::int64_t> numbers(std::string_view words) {
    std::vector<std::int64_t> all;
    for (const char *at = words.data(), *end = at + words.size(); at < end;) {
        std::int64_t one = 0;
        auto read = std::from_chars(at, end, one);
        if (read.ec != std::errc{}) break;
        all.push_back(one);
        at = read.ptr + 1;
    }
    return all;
}

} // namespace

std::vector<item> items_in(const store::rows& r) {
    std::vector<item> all;
    for (int i = 0; i < r.size(); ++i) {
        item one{.id = r.number(i, 0),
                 .remote = std::string(r.text(i, 1)),
                 .kind = std::string(r.text(i, 2)),
                 .task = {},
                 .turn = r.null(i, 4) ? 0 : static_cast<int>(r.number(i, 4)),
                 .commit = std::string(r.text(i, 5)),
                 .at = time_point(std::chrono::microseconds(r.number(i, 6))),
                 .text = std::string(r.text(i, 7)),
                 .untrue = std::string(r.text(i, 8)),
                 .people = numbers(r.text(i, 9))};
        if (!r.null(i, 3)) one.task = task_id{r.number(i, 3)};
        all.push_back(std::move(one));
    }
    return all;
}

} // namespace persais::memory
