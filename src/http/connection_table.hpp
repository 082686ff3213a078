#pragma once
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>

namespace persais::http {

/// The connections of one server: how many there may be, and which one is closed for a new one. A connection that
/// waits for its client is closed for another, never one whose request is being answered. So nobody can lock others
/// out by being connected: not the check of health behind thousands of strangers. Pure.
class connection_table {
public:
    using number = std::uint64_t;
    /// What a connection does. Those that wait for their client are closed for a new one in this order, each time the
    /// one that has waited longest.
    enum class phase {
        idle,    // one was answered, and nothing of another one has come
        reading, // a request is on its way: of a new connection, too, which may not have been read from yet
        served,  // never closed
    };
    struct bounds {
        std::size_t all = 0;
        std::size_t client = 0; // of one client, where that is known
        std::size_t spare = 0;  // more, while each of the others is being served: they get a short answer
    };
    struct entrance {
        bool in = false;
        std::optional<number> leaves; // has to be closed; it is not in the table any more
    };

    explicit connection_table(bounds most) : most_(most) {}

    /// A new connection. `client`: empty when it is not known.
    entrance enter(number which, std::string client);
    /// Of a connection that is in the table; another one is ignored.
    void now(number which, phase does);
    void left(number which);
    /// The connection that would be closed next. It is not in the table any more.
    std::optional<number> give_one_up();

    std::size_t size() const { return all_.size(); }
    /// Each connection that there may be is being served.
    bool all_served() const { return lines_[2].size() >= most_.all; }

private:
    struct entry {
        std::string client;
        phase does = phase::reading;
        std::list<number>::iterator place;
    };
    std::list<number>& line(phase p) { return lines_[static_cast<std::size_t>(p)]; }
    std::optional<number> longest_waiting(const std::string* client);

    bounds most_;
    std::map<number, entry> all_;
    std::list<number> lines_[3]; // by phase; who has been in it longest is first
    std::map<std::string, std::size_t> of_client_;
};

} // namespace persais::http
