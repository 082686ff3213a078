#pragma once
#include "queue/money.hpp"
#include "telegram/store/people.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace persais::telegram {

/// For a transaction: these admins are told a sentence (told(), in base/told.hpp) in private, each in their language.
/// Who never wrote to the bot cannot be written to. Throws store::db_error.
awaitable<std::vector<store::statement>> admins_hear(store::pool& db, std::vector<std::int64_t> admins,
                                                     std::string sentence);

/// Tells them of it and notes that. Nothing is to be written as long as there is no admin who hears it.
awaitable<std::vector<store::statement>> admins_hear(store::pool& db, std::vector<std::int64_t> admins,
                                                     queue::budget_warning of);

} // namespace persais::telegram
