#include "app/remotes.hpp"

namespace persais::app {

git::remote remote_at(const std::string& url, const config::settings& s) {
    git::remote where{.url = url, .ca_file = s.git_ssl_cainfo, .known_hosts = s.git_ssh_known_hosts};
    if (git::same_host(url, s.git_remote_url)) {
        where.token = s.git_access_token.reveal();
        where.ssh_key = s.git_ssh_key.reveal();
    }
    return where;
}

std::string task_ref(task_id id) {
    return "refs/persais/tasks/" + id.str();
}

} // namespace persais::app
