#ifndef COMMUNIQUE_CLIENT_CLI_HELP_H_
#define COMMUNIQUE_CLIENT_CLI_HELP_H_

#include <string>

#include "cli/commands.h"

namespace communique::cli {

std::string GeneralHelp();
std::string CommandHelp(const Command& command);

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_HELP_H_
