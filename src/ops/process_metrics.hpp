#pragma once
#include <prometheus/metric_family.h>
#include <vector>

namespace persais::ops {

/// The values that Prometheus' own client libraries give of a process, under their usual names, read from /proc now.
/// What cannot be read is left out.
std::vector<prometheus::MetricFamily> process_metrics();

} // namespace persais::ops
