#ifndef COMMUNIQUE_CLIENT_IMPORTERS_EU_VALUES_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_EU_VALUES_H_

#include <string>

#include "communique/v1/actor.pb.h"
#include "communique/v1/reference.pb.h"
#include "importers/xml.h"

namespace communique::importers {

// The actor of a <sanctionEntity>. Every value's evidence has its logicalId as the
// locator and the legal act that it rests on (regulationSummary) as its provision.
// What it reads is taken from `entity`.
v1::Actor EuActor(XmlElement& entity);

// A <regulation> or <regulationSummary> as a provision: "2019/555 (OJ L97),
// amendment of 2019-04-08", the address of the text as the locator.
v1::Provision EuProvision(XmlElement& regulation);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_EU_VALUES_H_
