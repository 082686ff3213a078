#pragma once
#include "config/settings.hpp"
#include "service/refusal.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Which repository is meant by what a person calls it, and whether two addresses are one repository.
namespace persais::service {

/// Under which name roles and budgets of a repository are kept (repository_key of its address). `named`: the name it
/// was added by, its address, or the short name of the address, of one that was added, that is GIT_REMOTE_URL, or that
/// a task is of, or any address; empty: everywhere. Another name is refused, because nothing would ever be looked up by
/// it, unless `forgotten`: what is taken back may be of one that is gone. Throws db_error.
awaitable<answer<std::string>> key_of_repository(store::pool& db, const config::settings& settings, std::string named,
                                                 bool forgotten = false);

/// The same for every spelling of an address: without scheme, user, .git and slashes at its end.
std::string plain_address(std::string_view address);

/// A repository that is taken for the one at this address, or could be.
struct twin {
    std::string name;   // which it was added by, or GIT_REMOTE_URL
    std::string remote; // another spelling of the address, or one with the same short name
    bool same = false;  // it is the same repository, whose settings would hold for one of the spellings only
};
/// Among those that were added, and GIT_REMOTE_URL; one that is the same goes first. An address that is equal to the
/// last byte is none: of these there can be only one. Throws db_error.
awaitable<std::optional<twin>> twin_of(store::pool& db, const config::settings& settings, std::string address);
/// The sentence about it: why the address is not taken, or what the two have in common.
std::string twin_words(const twin& other);

} // namespace persais::service
