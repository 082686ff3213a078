#pragma once
#include <prometheus/metric_family.h>
#include <vector>

namespace persais::ops {

/// The process metrics of Prometheus' own client libraries, under their usual names, read from /proc now. Values that
/// cannot be read are left out.
std::vector<prometheus::MetricFamily> process_metrics();

} // namespace persais::ops
