#pragma once
#include "base/seal.hpp"
#include "config/settings.hpp"
#include "queue/repositories.hpp"
#include "service/refusal.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The rules about repositories and their settings, for the chat and the terminal: what each setting is called, which
/// values it takes, and the statement that stores it with its row of the audit. A refusal is one sentence. `by`:
/// "terminal", or a person's number; that they are an admin is decided before.
namespace persais::service {

/// The contexts that secrets of repositories are sealed with.
inline constexpr std::string_view token_context = "repository token";
std::string variable_context(std::string_view remote, std::string_view name);
/// That a variable cannot be opened with the key that is there.
std::string closed_variable(std::string_view repository, std::string_view name);

/// Whether it can be the short name of a repository: `team/app`. Words of `persais repo` are none.
bool is_repository_name(std::string_view text);
/// The name of a repository for which nobody chose one: `owner/name` of its address.
std::string usual_name(std::string_view address);
/// Whether a token can be sent to this address: only over http(s), and not unencrypted to another machine.
bool takes_token(std::string_view address);
answer<void> may_be_address(std::string_view address);

/// One setting as people are shown it.
struct repository_setting {
    std::string name;  // "check"
    std::string value; // empty: not set
    std::string about; // one line
};
/// All of them, in order.
std::vector<repository_setting> settings_of(const queue::repository& one);
/// Their names.
std::vector<std::string> setting_names();

answer<store::statement> set_repository(const queue::repository& one, std::string_view name, std::string_view value,
                                        const std::string& by);
answer<store::statement> unset_repository(const queue::repository& one, std::string_view name, const std::string& by);
answer<store::statement> give_token(const queue::repository& one, const secret& token, const seal& sealing,
                                    const std::string& by);
store::statement take_token(const queue::repository& one, const std::string& by);
answer<store::statement> set_variable(const queue::repository& one, std::string_view name, const secret& value,
                                      const seal& sealing, const std::string& by);
/// Whether a variable may have this name.
answer<void> may_be_variable(const queue::repository& one, std::string_view name);
answer<store::statement> unset_variable(const queue::repository& one, std::string_view name, const std::string& by);
/// Not while tasks of it are not done.
awaitable<answer<store::statement>> remove_repository(store::pool& db, queue::repository one, std::string by);

/// The repository of this name or address; else a sentence that names the one that was probably meant.
awaitable<answer<queue::repository>> find_repository(store::pool& db, std::string name);

} // namespace persais::service
