#pragma once
#include "config/redactor.hpp"
#include "queue/repositories.hpp"
#include "service/remote_tokens.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace persais::service {

/// What admins have set for a repository, with its secrets opened.
struct known_repository : queue::repository {
    std::vector<std::pair<std::string, secret>> variables = {}; // of the environment
    std::vector<std::string> closed = {};                       // names of those that cannot be opened
    config::redactor mask = {};                                 // hides their values in what programs print
    bool token_closed = false;                                  // there is a token that cannot be opened
};

/// All repositories as the database has them, known to this process without asking. Tokens go into `tokens`. One that
/// hears of changes (set_hears(true)) reads them when it hears; any other reads them when `look` is called.
class known_repositories {
public:
    using hider = std::function<void(const secret&)>;
    /// The arguments outlive this object. `hide` is called for each secret; may be empty.
    known_repositories(store::pool& db, const config::settings& settings, remote_tokens& tokens, hider hide)
        : db_(db), settings_(settings), tokens_(tokens), hide_(std::move(hide)) {}

    /// Reads all. True: a token is another one than before. Throws db_error.
    awaitable<bool> refresh();
    /// Reads all unless this process is told of changes. Throws db_error.
    awaitable<void> look();
    /// Whether somebody calls `refresh` at each change from now on.
    void set_hears(bool hears) { hears_ = hears; }

    /// nullptr: nothing is set for this address. What it points to never changes.
    std::shared_ptr<const known_repository> of(std::string_view remote) const;
    /// By its short name, in any case of letters.
    std::shared_ptr<const known_repository> named(std::string_view name) const;
    const std::vector<std::shared_ptr<const known_repository>>& all() const { return all_; }
    /// Sentences about what cannot be opened.
    std::vector<std::string> trouble() const;

private:
    using table = std::vector<std::shared_ptr<const known_repository>>;

    store::pool& db_;
    const config::settings& settings_;
    remote_tokens& tokens_;
    hider hide_;
    table all_;
    bool hears_ = false;
    std::uint64_t asked_ = 0, answered_ = 0; // an answer that was overtaken by a newer one is dropped
};

/// As known_repositories::of; nullptr where there are none (`known` is null).
std::shared_ptr<const known_repository> repository_at(const known_repositories* known, std::string_view remote);

/// FORGE for this repository: its own, else that of the settings.
std::string forge_of(const queue::repository* own, const config::settings& settings);
/// DEPLOY_STRATEGY for this repository.
std::string way_to_land(const queue::repository* own, const config::settings& settings);
/// Whether the repository lets its tasks ask this model; nullptr: any.
bool allows_model(const queue::repository* own, std::string_view model);
/// The model of a task for which nobody chose one: the service's, where the repository allows it, else the first that
/// it allows.
std::string model_for(const queue::repository* own, const config::settings& settings);

} // namespace persais::service
