#pragma once
#include "queue/people.hpp"
#include "store/store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What is stored about people: who has rights that no setting gives, who asked for them, and invitations. Functions
/// that return a statement are for the transaction that takes an update (inbox.hpp). All others throw store::db_error.
namespace persais::telegram {

struct chat_person {
    std::int64_t id = 0;
    std::string name;
    std::string client_language;
};
store::statement see_person(const chat_person& who);

struct people_with_rights {
    std::vector<std::int64_t> paired; // admins by the one-time code
    std::vector<std::int64_t> let_in; // by an admin, in the chat
    std::vector<queue::role_grant> grants;
};
awaitable<people_with_rights> load_rights(store::pool& db);
/// The person has to be known already (see_person).
store::statement pair_admin(std::int64_t person);

struct known_person {
    std::int64_t id = 0;
    std::string name;
    std::string language; // en, ru, else that of the person's client
    bool let_in = false;  // or given a role
    bool decided = false;
    std::string decided_by; // the name of the admin who decided; empty when not decided, or not known
};
/// nullopt: nobody of this number was heard of.
awaitable<std::optional<known_person>> find_person(store::pool& db, std::int64_t person);
/// Those of these people who were heard of.
awaitable<std::vector<known_person>> find_people(store::pool& db, std::vector<std::int64_t> people);
/// Who was let in, the newest first, at most `most`; and how many there are in all.
struct let_in_people {
    std::vector<known_person> newest;
    int all = 0;
};
awaitable<let_in_people> people_let_in(store::pool& db, int most);

/// How many strangers asked to be let in within this time.
awaitable<int> asked_within(store::pool& db, std::chrono::seconds time);
/// The admins are told that the person, who has to be known, asks to be let in. Fails with "PX002" when they were told
/// before, or it was decided.
store::statement asks_to_be_let_in(std::int64_t person);
/// Fails with "PX002" when it was decided on the person before.
store::statement decide_on(std::int64_t person, std::int64_t admin, bool let_in);

// Invitations, by the digest of their codes in hex.
std::string invite_digest(std::string_view code);
store::statement add_invite(const std::string& digest, std::int64_t admin, std::chrono::seconds valid);
/// Those that can be used.
awaitable<std::vector<std::string>> open_invites(store::pool& db);
/// The admin who made it; nullopt: it cannot be used (any more).
awaitable<std::optional<std::int64_t>> maker_of_invite(store::pool& db, std::string digest);
/// Lets the person in, who has to be known. Fails with "PX002" when the invitation cannot be used any more.
store::statement use_invite(const std::string& digest, std::int64_t person);
store::statement drop_invite(const std::string& digest);

} // namespace persais::telegram
