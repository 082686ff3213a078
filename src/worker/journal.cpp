#include "worker/journal.hpp"

#include "base/text.hpp"
#include "queue/limits.hpp"
#include "worker/limits.hpp"

#include <spdlog/spdlog.h>

namespace persais::worker {

using line = queue::leases::line;

journal::journal(queue::leases& to, task_id id, fence held) : to_(to), id_(id), held_(held) {
    to_.gather(id_, held_, [this] { return take(); });
}

journal::~journal() {
    to_.gather_no_more(id_, held_);
}

void journal::progress(const mechanic::progress& doing) {
    close_words();
    auto told = text::printable(to_string(doing));
    kept_ += told.size();
    if (kept_ - told.size() < limits::journal_bytes)
        lines_.push_back(
            {line::kind::progress, std::move(told), mechanic::progress{doing.what, text::printable(doing.subject)}});
}

void journal::words(std::string_view piece) {
    if (kept_ < limits::journal_bytes) words_ += piece;
    bool over = kept_ < limits::journal_bytes && kept_ + piece.size() >= limits::journal_bytes;
    kept_ += piece.size();
    if (over) {
        close_words();
        lines_.push_back({line::kind::log, "… the rest is not kept"});
    }
}

void journal::close_words() {
    if (words_.empty()) return;
    lines_.push_back({line::kind::log, text::printable(words_)});
    words_.clear();
}

std::vector<line> journal::take() {
    close_words();
    return std::exchange(lines_, {});
}

awaitable<void> journal::write() {
    co_await to_.write_gathered(id_, held_);
}

awaitable<void> journal::keep_writing() {
    for (;;) {
        co_await sleep_for(limits::journal_every);
        try {
            co_await write();
        } catch (const store::db_error& e) {
            spdlog::warn("task {}: some lines of its log are lost: {}", id_.value, e.what());
        }
    }
}

} // namespace persais::worker
