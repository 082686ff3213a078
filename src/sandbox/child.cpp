#include "sandbox/child.hpp"

#include "base/told.hpp"
#include "sandbox/memory_guard.hpp"
#include "sandbox/process.hpp"
#include "sandbox/running_child.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <fmt/format.h>

namespace persais::sandbox {
namespace {

/// The outcome according to the records. With a wrapper (bubblewrap) only the records of the keeper inside are about
/// the program. A wrapper that exited before that keeper started could not start the program. When the inner keeper
/// reported nothing more, it was killed, because the program itself cannot prevent its report. When the wrapper was
/// killed, what that keeper reports may already be how its program was ended for that.
void read_outcome(const running_child& child, child_result& result) {
    bool wrapped = !child.spec.sealed.empty(), entered = !wrapped;
    std::vector<keeper::record> ends; // of the inner keeper, when there is one, and of the outer one
    for (const auto& record : child.records) {
        if (record.what == keeper::said::cloned) result.cloned = true;
        if (record.what == keeper::said::started || result.cloned) entered = true;
        if (record.what == keeper::said::exited || record.what == keeper::said::signalled) ends.push_back(record);
        if (record.what != keeper::said::could_not_start) continue;
        result.how = ended::could_not_start;
        result.code = record.code;
        return;
    }
    bool all_there = ends.size() == (wrapped ? 2U : 1U);
    bool wrapper_killed = wrapped && all_there && ends.back().what == keeper::said::signalled;
    bool gave_up = !ends.empty() && ends.front().what == keeper::said::exited && ends.front().code <= 128;
    if (!entered && gave_up) { // a shell, and bubblewrap, exits with more than 128 when its program was killed
        result.how = ended::could_not_start;
        result.code = ENOEXEC;
    } else if (!entered || !all_there || wrapper_killed) {
        result.how = ended::interrupted;
        result.code = SIGKILL;
    } else {
        result.how = ends.front().what == keeper::said::exited ? ended::exited : ended::signalled;
        result.code = ends.front().code;
    }
}

/// Whether the tree ran out of memory: either its own limit, as its control group or its keeper reports, or the
/// machine's memory, if the tree was killed while the kernel freed memory (a shell then exits with 128 + SIGKILL).
bool ran_out_of_memory(const running_child& child, child_result& result) {
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

/// Whether the tree took too much of the disk.
bool ran_out_of_disk(const running_child& child, child_result& result) {
    auto found = std::ranges::find(child.records, keeper::said::out_of_disk, &keeper::record::what);
    // A program whose file would exceed the limit gets a signal; one that survives that tells it itself.
    bool by_its_signal = (result.how == ended::signalled && result.code == SIGXFSZ) ||
                         (result.how == ended::exited && result.code == 128 + SIGXFSZ);
    bool one_file = by_its_signal && child.spec.disk_limits_file;
    if (child.spec.disk_folders.empty() || (found == child.records.end() && !one_file)) return false;
    result.how = ended::out_of_disk;
    result.code = SIGKILL;
    using enum keeper::disk_excess;
    result.disk = found == child.records.end() ? bytes : static_cast<keeper::disk_excess>(found->code);
    const auto& plan = child.spec.disk;
    result.disk_limit = result.disk == bytes ? plan.bytes : result.disk == files ? plan.files : plan.reserve_bytes;
    return true;
}

} // namespace

std::string memory_words(const child_result& result) {
    if (result.memory_bytes == 0) return "was ended because this machine had no memory left";
    return "used more than " + mebibytes(result.memory_bytes) + " of memory and was ended";
}

std::string disk_words(const child_result& result) {
    switch (result.disk) {
    case keeper::disk_excess::bytes:
        return told<"used more than {} of disk and was ended", "занято больше {} на диске, остановлено">(
            gigabytes(result.disk_limit));
    case keeper::disk_excess::files:
        return told<"made more than {} files and was ended", "создано больше {} файлов, остановлено">(
            result.disk_limit);
    case keeper::disk_excess::reserve:
    case keeper::disk_excess::nothing:
        break;
    }
    return told<"was ended because the disk is almost full: {} or an eighth of it stay free for the database",
                "остановлено: диск почти полон, {} или восьмая его часть остаются свободными для базы данных">(
        gigabytes(result.disk_limit));
}

child_result outcome_of(running_child& child) {
    child_result result;
    read_outcome(child, result);
    bool out_of_memory = ran_out_of_memory(child, result);
    bool out_of_disk = !out_of_memory && ran_out_of_disk(child, result);
    if (child.ended_by && !out_of_memory && !out_of_disk && result.how != ended::could_not_start)
        result.how = *child.ended_by;
    result.output_cut = child.kept_output.cut() || child.kept_error.cut();
    result.output = child.kept_output.take();
    result.error = child.kept_error.take();
    result.took = std::chrono::duration_cast<std::chrono::milliseconds>(running_child::steady::now() - child.started);
    return result;
}

awaitable<child_result> run_child(child_spec spec) {
    co_return co_await run_process(std::move(spec), {});
}

} // namespace persais::sandbox
