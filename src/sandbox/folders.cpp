#include "sandbox/folders.hpp"

#include "sandbox/child.hpp"
#include "sandbox/keeper/give.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/spawn.hpp"

#include <sstream>
#include <system_error>

namespace persais::sandbox {
namespace {

void must_be_given(const std::filesystem::path& folder, int error) {
    if (error != 0)
        throw std::system_error(error, std::generic_category(),
                                "cannot give " + folder.string() + " to the task's user");
}

/// Has a keeper do something with a folder.
awaitable<child_result> beside(std::vector<std::string> words) {
    child_spec spec;
    spec.argv = {keeper_path()};
    std::ranges::move(words, std::back_inserter(spec.argv));
    spec.total = limits::hand_over;
    co_return co_await run_child(std::move(spec));
}

/// The errno that it ended with, or 0.
int error_of(const child_result& result) {
    return result.how == ended::exited ? result.code : result.how == ended::timed_out ? ETIMEDOUT : ECANCELED;
}

} // namespace

void give_to(const std::filesystem::path& folder, uid_t uid, gid_t gid) {
    must_be_given(folder, keeper::give_all(folder.c_str(), uid, gid));
}

awaitable<void> give_beside(std::filesystem::path folder, uid_t uid, gid_t gid) {
    must_be_given(folder,
                  error_of(co_await beside({"give", std::to_string(uid), std::to_string(gid), folder.string()})));
}

awaitable<folder_size> measure_beside(std::filesystem::path folder) {
    auto result = co_await beside({"measure", folder.string()});
    folder_size found;
    int error = error_of(result);
    std::istringstream said(result.output);
    if (error == 0 && !(said >> found.bytes >> found.longest_path)) error = EPROTO;
    if (error != 0) throw std::system_error(error, std::generic_category(), "cannot count " + folder.string());
    co_return found;
}

} // namespace persais::sandbox
