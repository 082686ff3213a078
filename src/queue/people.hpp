#pragma once
#include "store/store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Roles of people, and under which names they are known beside the chat. Functions that return a statement are for a
/// transaction of the caller. All others throw store::db_error. `by`: `terminal`, or the number of a person.
namespace persais::queue {

/// A role that no setting gives: in one repository (its short name in lower case), or everywhere (empty).
struct role_grant {
    std::int64_t person = 0;
    std::string repository;
    std::string role; // as people write it: admin, deployer, member, reader
    bool operator==(const role_grant&) const = default;
};
awaitable<std::vector<role_grant>> all_grants(store::pool& db);

struct identity {
    std::string kind; // terminal, github, gitlab, gitea
    std::string id;   // of a terminal `terminal`
};
/// Somebody with any right that no setting gives.
struct team_member {
    std::int64_t id = 0;
    std::string name;
    bool paired = false; // an admin by the one-time code
    bool let_in = false;
    std::vector<role_grant> grants;
    std::vector<identity> known_as;
};
awaitable<std::vector<team_member>> team(store::pool& db);

/// nullopt: the role that was given there is taken back. The person need not have been heard of.
/// A role of everywhere that is less than an admin's takes the one-time code's right away, too. Fails with "PX002" as
/// remove_person() does.
store::statement set_role(std::int64_t person, const std::string& repository, const std::optional<std::string>& role,
                          const std::string& by, const std::vector<std::int64_t>& named);

/// Takes everything away: roles, that they were let in, what the one-time code gave, their approvals, invitations,
/// names elsewhere. Their tasks that have no result yet are to be aborted, and their replies that wait are dropped. One
/// row: how many tasks and replies. Fails with "PX002" when the person had nothing, or nobody could decide anything
/// afterwards
/// (`named`: the admins that the settings name): the service looks before (service/people.hpp), so both are of a
/// moment.
store::statement remove_person(std::int64_t person, const std::string& by, const std::vector<std::int64_t>& named);
/// How many tasks that removes; those that are being landed have a result.
awaitable<int> tasks_without_result_of(store::pool& db, std::int64_t person);

/// One-time codes, by their digest in hex, with which the person shows that a name elsewhere is theirs.
store::statement add_link_code(const std::string& digest, std::int64_t person, std::chrono::seconds valid);
/// One row: the person, who is known by that name from then on. Fails with "PX002" when there is no such code (any
/// more).
store::statement use_link_code(const std::string& digest, const identity& as);
/// The same on an admin's word.
store::statement link(std::int64_t person, const identity& as, const std::string& by);

/// Of a one-time code, in hex.
std::string code_digest(std::string_view code);

/// An invitation that somebody at a terminal makes; `role`, `repository`: what it gives beside being let in.
store::statement add_invite(const std::string& digest, std::chrono::seconds valid, const std::string& role,
                            const std::string& repository);

} // namespace persais::queue
