#pragma once
#include "store/store.hpp"

#include <optional>
#include <string>

/// The secrets of people's authenticator apps; they are sealed before they come here (base/seal.hpp). A person is their
/// number, or `terminal`. All functions throw store::db_error.
namespace persais::queue {

/// A code may be looked at: it is counted already.
struct factor_tried {
    std::string sealed;
    bool set_up = false; // a code came before
};
/// nullopt: the person has no secret, or sent too many wrong codes.
awaitable<std::optional<factor_tried>> try_factor(store::pool& db, std::string person);
/// False: the code was used before, or the secret is another one by now.
awaitable<bool> accept_factor(store::pool& db, std::string person, std::string sealed, std::int64_t step);
/// The code that was tried is wrong: for the audit.
awaitable<void> note_wrong_code(store::pool& db, std::string person);

enum class factor_state { none, given, set_up };
awaitable<factor_state> factor_of(store::pool& db, std::string person);
/// False: the person has one that is set up, which has to be taken back first.
awaitable<bool> begin_factor(store::pool& db, std::string person, std::string sealed);
/// Takes it back. False: there is none.
awaitable<bool> reset_factor(store::pool& db, std::string person, std::string by);

} // namespace persais::queue
