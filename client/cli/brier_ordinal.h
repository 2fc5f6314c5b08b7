#ifndef COMMUNIQUE_CLIENT_CLI_BRIER_ORDINAL_H_
#define COMMUNIQUE_CLIENT_CLI_BRIER_ORDINAL_H_

namespace communique::cli {

// The table that is shipped. v1.Likelihood has seven steps. Cut the range from 0
// to 1 into seven equal parts, and let each step stand for the middle of its
// part: step i is (2i - 1) / 14. So the steps are evenly spaced, EVEN is exactly
// one half, and a step and its opposite add up to one.
//
// This is a convention, not a finding: no speaker was asked what the words mean,
// and people differ widely in it. Whoever knows better writes a table; whoever
// changes a number here raises the version.
inline constexpr char kBrierOrdinal[] = R"(
# Middles of seven equal parts of 0 to 1. A convention, not a finding.
table: communique-ordinal version: 1
# 1/14
scale REMOTE 0.0714
# 3/14
scale UNLIKELY 0.2143
# 5/14
scale POSSIBLE 0.3571
# 7/14
scale EVEN 0.5
# 9/14
scale MAY_WELL 0.6429
# 11/14
scale LIKELY 0.7857
# 13/14
scale ALMOST_CERTAIN 0.9286
)";

}  // namespace communique::cli

#endif  // COMMUNIQUE_CLIENT_CLI_BRIER_ORDINAL_H_
