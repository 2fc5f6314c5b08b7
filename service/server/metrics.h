#ifndef COMMUNIQUE_SERVICE_SERVER_METRICS_H_
#define COMMUNIQUE_SERVICE_SERVER_METRICS_H_

#include <utility>
#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "service/server/open_calls.h"
#include "service/server/service.h"

namespace communique::server {

// Everything the server tells Prometheus, read at each scrape from the counters
// that the floors keep; METRICS.md lists it. Labels are method names, codes and
// reasons, and the names of official lists, at most kMaxListMetrics of them: never
// anything else that a caller sent.
//
// Thread safety: any thread.
class Metrics final : public prometheus::Collectable {
 public:
  // All outlive this. The listeners' names are values of a label.
  struct Listener {
    const char* name;
    const OpenCalls& calls;
  };
  Metrics(Service& service, std::vector<Listener> listeners)
      : service_(service), listeners_(std::move(listeners)) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  Service& service_;
  const std::vector<Listener> listeners_;
};

}  // namespace communique::server

#endif  // COMMUNIQUE_SERVICE_SERVER_METRICS_H_
