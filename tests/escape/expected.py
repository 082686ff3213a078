"""Attempts that are known to work, by the reason. A run fails when one of them is blocked: then its mark
goes. (reason, patterns of names, sandboxes, who the service is.)"""

from pathlib import Path

EVERYWHERE, BOTH = ("coder", "setup", "checks"), ("user", "root")

# What root set who has this right (CAP_SYS_RESOURCE), an ordinary user cannot lower; root of a container often does not have it.
MAY_RAISE_LIMITS = int(Path("/proc/self/status").read_text().split("CapEff:")[1].split()[0], 16) >> 24 & 1

EXPECTED_OPEN = [
    ("The kernel tells a mount's source (decision 0047)", ["files/learns_where_the_data_is/*"], EVERYWHERE, BOTH),
    ("Names in /usr/local, whose contents are covered (decision 0047)", ["files/lists_names_that_no_tool_needs/*"], EVERYWHERE, BOTH),
    ("A socket inside a folder of programs that PATH names", ["network/connects_to_sockets_by_path/prefix"], ("setup", "checks"), BOTH),
]

# What a kernel, its settings or a container may refuse to everybody. Where it does, the attempt says nothing.
MACHINE = ["kernel/*", "network/opens_*", "network/changes_the_network/*", "network/*/::*", "network/*/fd00*", "network/*/tcp6",
           "files/gains_rights_by_a_program/*", "files/opens_a_device_in_a_bound_folder/*", "files/looks_at_the_machine_in_sys/*",
           "files/watches_files_of_the_service/*", "processes/raises_its_limits/*", "processes/traces/*", "processes/examines_another/*",
           "processes/reads_the_memory_of_another/*", "processes/writes_the_memory_of_another/*", "processes/takes_a_descriptor_of_another/*",
           "resources/takes_more_*", "resources/starts_more_*"]
