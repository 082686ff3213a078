#pragma once
#include "forge/json_api.hpp"
#include "forge/requests.hpp"

#include <boost/json/array.hpp>

namespace persais::forge {

/// A repository at GitHub, as its API is asked about it. `doing`: what is tried, in the reader's language, for the
/// sentence when it comes to nothing. Paths are below the repository's own.
class github_repository {
public:
    github_repository(const place& at, const secret& authorization, const fetcher& fetch);

    awaitable<outcome<json_api::reply>> ask(std::string method, std::string path, boost::json::object body,
                                            std::string doing);
    /// As ask(), for whoever reads each status by itself; an error: there was no answer.
    awaitable<outcome<json_api::reply>> answer_to(std::string method, std::string path, boost::json::object body);
    /// What not each server has and not each token may see: null then.
    awaitable<outcome<boost::json::value>> maybe(std::string path);
    /// The list in an answer that is asked for again and again; `member` as below.
    awaitable<outcome<boost::json::array>> look(std::string path, std::string member, std::string doing);
    /// A list, page by page; `member`: of the answer's object, "" for an answer that is the list.
    awaitable<outcome<boost::json::array>> all_of(std::string path, std::string member);
    /// The answer's data. GraphQL answers 200 to what it refuses, too, which is an error here.
    awaitable<outcome<boost::json::object>> graphql(std::string query, boost::json::object variables,
                                                    std::string doing);

    /// Who has the repository, as its name is now.
    const std::string& owner() const { return owner_; }
    /// After an answer that came by a redirect: asks once what the repository is called now. True: it has another
    /// owner.
    awaitable<outcome<bool>> follow();
    std::string take_notice() { return std::exchange(notice_, {}); }

private:
    awaitable<outcome<json_api::reply>> settle(answer<json_api::reply> came, std::string doing) const;

    std::string path_, repository_, owner_, notice_;
    bool followed_ = false;
    json_api api_, graphql_;
};

} // namespace persais::forge
