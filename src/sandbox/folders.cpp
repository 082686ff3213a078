#include "sandbox/folders.hpp"

#include "sandbox/child.hpp"
#include "sandbox/keeper/give.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/spawn.hpp"

#include <system_error>

namespace persais::sandbox {
namespace {

void must_be_given(const std::filesystem::path& folder, int error) {
    if (error != 0)
        throw std::system_error(error, std::generic_category(),
                                "cannot give " + folder.string() + " to the task's user");
}

} // namespace

void give_to(const std::filesystem::path& folder, uid_t uid, gid_t gid) {
    must_be_given(folder, keeper::give_all(folder.c_str(), uid, gid));
}

awaitable<void> give_beside(std::filesystem::path folder, uid_t uid, gid_t gid) {
    child_spec spec;
    spec.argv = {keeper_path(), "give", std::to_string(uid), std::to_string(gid), folder};
    spec.total = limits::hand_over;
    auto result = co_await run_child(std::move(spec));
    int error = result.how == ended::exited ? result.code : result.how == ended::timed_out ? ETIMEDOUT : ECANCELED;
    must_be_given(folder, error);
}

} // namespace persais::sandbox
