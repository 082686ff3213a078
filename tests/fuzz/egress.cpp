// What a setup sends to its network: the heads of requests to the proxy, queries of names; and names of hosts.
#include "base/host_rules.hpp"
#include "egress/name_table.hpp"
#include "egress/request_head.hpp"
#include "fuzz.hpp"

static std::string hold_egress(std::string_view bytes) {
    using namespace persais;
    if (auto request = egress::parse_proxy_request(bytes)) {
        if (request->to.host.empty() || request->to.host.find_first_of(" \r\n@/") != std::string::npos)
            return "a request to no host";
        if (!request->tunnel && egress::end_of_head(request->head) != request->head.size())
            return "a head that is not one";
    }
    if (auto answer = egress::parse_answer_head(bytes))
        if (egress::end_of_head(answer->head) != answer->head.size()) return "an answer's head that is not one";
    if (auto at = parse_host_and_port(bytes, 443))
        if (at->port == 0 || at->host.empty()) return "a host that is none";
    if (auto rules = host_rules::parse(bytes, host_rules::author::owner))
        host_rules::parse_one(bytes, host_rules::author::repository);
    egress::name_table names;
    if (egress::answer_query(bytes, names).size() > 512) return "an answer that is too long";
    return {};
}

PERSAIS_FUZZ(hold_egress)
