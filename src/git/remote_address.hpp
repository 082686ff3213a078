#pragma once
#include <string>

namespace persais::git {

/// A remote's address, parsed without using the network.
struct address {
    enum class way { https, http, ssh, local };
    way how = way::local;
    std::string url;    // what is passed to git; an absolute path when local
    std::string shown;  // for a person: no user (except for ssh), no query
    std::string origin; // "https://host:port": the only place that token or key may go to; empty when local
    std::string user;   // the user name for the token, or for the key
    std::string host;   // ssh: without brackets
    int port = 0;       // ssh
    bool local() const { return how == way::local; }
    bool ssh() const { return how == way::ssh; }
    std::string protocol() const; // for GIT_ALLOW_PROTOCOL
};

} // namespace persais::git
