"""Attempts that are known to work, by the line of issue 16 that asks for their end. A run fails when one of them is blocked: then its mark
goes. (line, patterns of names, sandboxes, who the service is.)"""

from pathlib import Path

EVERYWHERE, BOTH = ("coder", "setup", "checks"), ("user", "root")

# What root set who has this right (CAP_SYS_RESOURCE), an ordinary user cannot lower; root of a container often does not have it.
MAY_RAISE_LIMITS = int(Path("/proc/self/status").read_text().split("CapEff:")[1].split()[0], 16) >> 24 & 1

EXPECTED_OPEN = [
    ("What is bound too widely", ["files/reads_the_services_files_by_path/env_file", "files/reads_the_services_files_by_path/git_token",
                                  "files/reads_below_the_prefix_of_a_tool/env_file",
                                  "files/reads_below_the_prefix_of_a_tool/token_file", "files/reads_below_the_prefix_of_a_tool/master_key",
                                  "files/reads_below_the_prefix_of_a_tool/neighbour", "network/speaks_with_anothers_gateway/prefix"],
     ("setup", "checks"), ("user",)),
    ("What is bound too widely", ["files/lists_others_folders/working_folder", "network/connects_to_sockets_by_path/working_folder", "network/connects_to_sockets_by_path/prefix"],
     ("setup", "checks"), BOTH),
    ("What is bound too widely", ["files/learns_where_the_data_is/*", "files/reads_world_readable_files_that_no_tool_needs/*"], EVERYWHERE, BOTH),
    ("Disk", ["resources/takes_more_of_the_disk_than_4_GB/*"], ("checks",), BOTH),
    ("The network of setup", ["network/connects_to_the_hosts_loopback/*", "network/reads_ports_of_the_service/*", "network/reaches_link_local_addresses/*",
                              "network/reaches_private_addresses/*", "network/sends_datagrams_to_the_host/*", "network/connects_to_abstract_sockets/*",
                              "network/waits_for_connections_of_the_host/tcp4", "network/waits_for_connections_of_the_host/tcp6",
                              "network/waits_for_connections_of_the_host/abstract", "network/has_the_gateway_fetch_an_address/*"], ("setup",), BOTH),
    ("What is brought out", ["git/has_a_link_pushed_that_leaves_the_tree/*", "git/has_a_protected_path_pushed_under_another_spelling/INFRA/x",
                             "git/has_a_protected_path_pushed_under_another_spelling/Infra/deep/x",
                             "git/has_a_protected_path_pushed_under_another_spelling/.P*"], ("coder",), BOTH),
    ("What a task can cost others", ["processes/makes_itself_no_victim_of_full_memory/*"], EVERYWHERE,
     ("user",) if MAY_RAISE_LIMITS else BOTH),
    ("What a task can cost others", ["resources/leaves_folders_too_deep_to_clear/*"], ("setup",), ("user",)),
]

# What a kernel, its settings or a container may refuse to everybody. Where it does, the attempt says nothing.
MACHINE = ["kernel/*", "network/opens_*", "network/changes_the_network/*", "network/*/::*", "network/*/fd00*", "network/*/tcp6",
           "files/gains_rights_by_a_program/*", "files/opens_a_device_in_a_bound_folder/*", "files/looks_at_the_machine_in_sys/*",
           "files/watches_files_of_the_service/*", "processes/raises_its_limits/*", "processes/traces/*", "processes/examines_another/*",
           "processes/reads_the_memory_of_another/*", "processes/writes_the_memory_of_another/*", "processes/takes_a_descriptor_of_another/*",
           "resources/takes_more_*", "resources/starts_more_*"]
