#pragma once
#include <string>

namespace persais::git {

/// A remote as it was understood, without touching the network.
struct address {
    enum class way { https, http, ssh, local };
    way how = way::local;
    std::string url;    // what git is given; an absolute path when local
    std::string shown;  // for a person: no user (but ssh's), no query
    std::string origin; // "https://host:port": the only place that token or key may go to; empty when local
    std::string user;   // the name that goes with the token, or with the key
    std::string host;   // ssh: without brackets
    int port = 0;       // ssh
    bool local() const { return how == way::local; }
    bool ssh() const { return how == way::ssh; }
    std::string protocol() const; // for GIT_ALLOW_PROTOCOL
};

} // namespace persais::git
