#ifndef COMMUNIQUE_SERVICE_BASE_LIMITS_H_
#define COMMUNIQUE_SERVICE_BASE_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

// Every limit of the service has a name and a sentence here. Limits that face
// users also stand in the comments of the schemas.
namespace communique::base {

// A record as stored. Larger ones belong in several records.
inline constexpr size_t kMaxRecordBytes = 512 * 1024;
// Mutations in one commit. Keeps a group's planning and a watch response bounded.
inline constexpr int kMaxMutationsPerCommit = 1000;
// Preconditions in one commit, besides those within mutations.
inline constexpr int kMaxPreconditionsPerCommit = 1000;
// A commit as sent. A watch response holds at most 2 MiB plus one commit, which
// keeps foreign clients below gRPC's default of 4 MiB.
inline constexpr size_t kMaxCommitBytes = 1024 * 1024;
// A commit as stored: what its records have become, with what the server keeps
// about them and the names of the paths that changed. Together with the 2 MiB of
// a watch response it stays below 4 MiB.
inline constexpr size_t kMaxStoredCommitBytes = 1024 * 1024 + 768 * 1024;
// A message as received. Above kMaxCommitBytes so that a commit that is somewhat
// too large gets our typed error and not the transport's.
inline constexpr int kMaxReceiveBytes = 4 * 1024 * 1024;
// A reason in a commit, for the history.
inline constexpr size_t kMaxReasonBytes = 1024;
// A request id or load id.
inline constexpr size_t kMaxRequestIdBytes = 64;
// A principal's name.
inline constexpr size_t kMaxPrincipalBytes = 256;
// The id part of a record's name, and an element's id.
inline constexpr size_t kMaxIdBytes = 128;
// Nesting of the stored messages. Ours nest eight deep; the parser stops at 100.
inline constexpr int kMaxMessageDepth = 32;
// Violations reported at once; what is beyond is counted.
inline constexpr int kMaxViolations = 100;
// Paths named in one change; beyond, coarser paths are named.
inline constexpr int kMaxChangedPaths = 100;
// Merges that a read follows from one name. It says where it stopped.
inline constexpr int kMaxRedirects = 64;
// Revisions of which it is held in memory which actors were merged into which.
inline constexpr size_t kMaxMergesHeld = 8;
// Paths in one update mask.
inline constexpr int kMaxMaskPaths = 128;
// Bytes of a caller's text that an error quotes, and of one value in its details.
inline constexpr size_t kMaxQuotedBytes = 160;
inline constexpr size_t kMaxDetailTextBytes = 512;

// Request ids are remembered for this many revisions.
inline constexpr int64_t kRequestIdWindowRevisions = 262'144;
// Answers of commits that changed nothing, which only memory remembers.
inline constexpr size_t kMaxUnchangedAnswers = 4096;
inline constexpr size_t kMaxUnchangedAnswerBytes = 16 * 1024 * 1024;
// Proposals that one group may hold: bounds the latency of the last one's sync.
inline constexpr int kMaxProposalsPerGroup = 512;
// Bytes of changes that one group may hold.
inline constexpr size_t kMaxGroupBytes = 8 * 1024 * 1024;
// Proposals that wait for the writer; more are refused as RESOURCE_EXHAUSTED.
inline constexpr size_t kMaxWaitingProposals = 16'384;
// Bytes of requests that wait for the writer.
inline constexpr size_t kMaxWaitingBytes = 256 * 1024 * 1024;

// Records on a page, and a page's size when none is asked for.
inline constexpr int kMaxPageSize = 1000;
inline constexpr int kDefaultPageSize = 50;
// Bytes on a page: a page of large records ends early, with a token.
inline constexpr size_t kMaxPageBytes = 3 * 1024 * 1024;
// Bytes on a page of history with old and new values: each change may bring twice
// its record in JSON.
inline constexpr size_t kMaxValuesPageBytes = 1024 * 1024;
// Bytes of the values of one change; what is beyond is left out, and said so.
inline constexpr size_t kMaxValuesBytes = 1024 * 1024;
// Names that one page looks at before it ends early with a token, so that a
// narrow filter cannot hold a thread.
inline constexpr int kMaxNamesScannedPerPage = 100'000;
// Names in one BatchGet.
inline constexpr int kMaxBatchNames = 1000;
// A filter's text, its nesting and its terms.
inline constexpr size_t kMaxFilterBytes = 8 * 1024;
inline constexpr int kMaxFilterDepth = 32;
inline constexpr int kMaxFilterTerms = 256;
// A page or resume token.
inline constexpr size_t kMaxTokenBytes = 2048;
// Terms and words of one segment of the candidate index while it fills; then it
// is closed before it has all its versions. Bounds the memory that a writer of
// long texts can take, and keeps a segment's lists within 31 bits.
inline constexpr size_t kMaxOpenSegmentBytes = 128 * 1024 * 1024;
// Changes whose terms the candidate index has yet to work out; beyond, writes
// wait for it.
inline constexpr size_t kMaxUnindexedBytes = 64 * 1024 * 1024;
// Records that one page reads to find its matches before it ends early with a
// token, so that a filter which the index cannot narrow holds no thread for long.
inline constexpr int kMaxRecordsReadPerPage = 20'000;
// Fields in one order_by, and bytes of a text that count for its order; a page
// token holds the key of one record.
inline constexpr int kMaxOrderFields = 4;
inline constexpr size_t kMaxSortKeyTextBytes = 64;
// Paths in one read mask.
inline constexpr int kMaxReadMaskPaths = 128;
// Candidates that are read to be put in an order that the index does not keep;
// a filter that leaves more is asked to be narrower.
inline constexpr int kMaxSortedCandidates = 100'000;
// Names that one page of a List answers with include_referenced.
inline constexpr int kMaxReferencedNames = 1000;
// Bytes of what one of them is called; the rest is cut.
inline constexpr size_t kMaxReferencedNameBytes = 256;

// Bytes of a search's words, words in it, bytes of one word in the index.
inline constexpr size_t kMaxSearchBytes = 1024;
inline constexpr int kMaxQueryWords = 32;
inline constexpr size_t kMaxWordBytes = 64;
// Words that the prefix at the end of a search may stand for, in each segment of
// the index.
inline constexpr int kMaxPrefixWords = 256;
// Records that one search answers over all its pages, the likeliest first, and of
// those the ones that are read to be ranked by their words; the others follow.
inline constexpr int kMaxSearchHits = 1000;
inline constexpr int kMaxSearchRanked = 300;
// Fragments of one result, and code points in one.
inline constexpr int kMaxFragments = 3;
inline constexpr int kMaxFragmentCodePoints = 160;
// Of a ScreenRequest: queries, names of one, bytes of a name (as many as are looked
// at) and of a query's id; regions and identifiers of one query, bytes of an
// identifier and its type; matches of one query, and how many when none is asked
// for; authorities, and regimes, that designations may be of; actors that are left
// out, each of which is resolved once.
inline constexpr int kMaxScreenQueries = 100;
inline constexpr int kMaxQueryNames = 20;
inline constexpr size_t kMaxQueryNameBytes = 1024;
inline constexpr size_t kMaxQueryIdBytes = 256;
inline constexpr int kMaxQueryRegions = 20;
inline constexpr int kMaxQueryIdentifiers = 20;
inline constexpr size_t kMaxQueryIdentifierBytes = 256;
inline constexpr int kMaxMatches = 100;
inline constexpr int kDefaultMatches = 5;
inline constexpr int kMaxScreenFilters = 100;
inline constexpr int kMaxExcludedActors = 1000;
// Actors that the index finds for one query, those that share the most with its
// names: so many at first, and where too few of them are targets more. Of these the
// first so many targets are looked at, and of their names those that promise the
// most are scored (kMaxScoredNames, screening/name_score.h).
inline constexpr size_t kFirstCandidates = 200;
inline constexpr size_t kMaxCandidates = 1000;
inline constexpr size_t kMaxTargets = 100;
// Actors that one identifier may find, and targets that are found by identifiers:
// the rest are left to those that are found by their names.
inline constexpr size_t kMaxOfIdentifier = 20;
inline constexpr size_t kMaxIdentifiedTargets = kMaxTargets / 2;
// Designations that name one actor; a query that comes to more is refused.
inline constexpr size_t kMaxDesignationsPerActor = 10'000;
// Memory of what is kept ready of actors and of designations. An actor of an
// official list takes 2 to 20 KiB, a designation about 300 bytes.
inline constexpr size_t kActorCacheBytes = size_t{192} << 20;
inline constexpr size_t kDesignationCacheBytes = size_t{32} << 20;
// Revisions whose merged actors are held ready to be found.
inline constexpr size_t kMaxMergedActorsHeld = 3;
// Sources that are looked at for the versions of lists.
inline constexpr size_t kMaxListSources = 100'000;
// How long a screening waits for the index to have the terms of what it reads.
inline constexpr absl::Duration kIndexWait = absl::Seconds(5);
// What one turn of a screening takes, about: a short call waits for no more than
// one turn of each other caller.
inline constexpr absl::Duration kScreeningTurn = absl::Milliseconds(2);
// Screenings and verifications that wait or are under way, the bytes of their
// requests and what they cost, in names to be screened. One principal may have
// half of each; more are refused as RESOURCE_EXHAUSTED.
inline constexpr size_t kMaxWaitingScreenings = 256;
inline constexpr size_t kMaxWaitingScreeningBytes = size_t{64} << 20;
inline constexpr size_t kMaxWaitingScreeningNames = 40'000;
// When whoever was refused may try again.
inline constexpr absl::Duration kScreeningRetryDelay = absl::Milliseconds(500);

// How long a read waits for its `min_revision`.
inline constexpr absl::Duration kMinRevisionWait = absl::Seconds(5);

// Changes in one watch response; one whole commit may stand above it.
inline constexpr size_t kMaxWatchResponseBytes = 2 * 1024 * 1024;
// Recent commits held in memory for active watchers.
inline constexpr size_t kFeedWindowBytes = 64 * 1024 * 1024;
// Commits of the window that stand in one buffer, which a response that is being
// sent keeps alive; one commit may stand above it.
inline constexpr size_t kFeedChunkBytes = 256 * 1024;
// A slice of a response below this is copied, so that it keeps no buffer alive.
inline constexpr size_t kMaxCopiedSliceBytes = 4 * 1024;
// What the filters of all watches have made of recent commits, kept for the
// watchers that ask later; beyond, the oldest is worked out again when asked for.
inline constexpr size_t kMaxVerdictBytes = 32 * 1024 * 1024;
// Changes of recent commits, parsed and taken apart into words for all filters
// that look at them; one change may stand above it.
inline constexpr size_t kMaxParsedChangeBytes = 32 * 1024 * 1024;
// Memory of the compiled filters of open watches, each distinct one once: in all,
// and of one principal. Defaults of --max_watch_filter_bytes and
// --max_watch_filter_bytes_per_principal. A term takes 250 to 800 bytes.
inline constexpr int64_t kMaxWatchFilterBytes = 256 * 1024 * 1024;
inline constexpr int64_t kMaxWatchFilterBytesPerPrincipal = 64 * 1024 * 1024;
// Terms in the distinct filters of one principal's watches: each is put to every
// change. Default of --max_watch_filter_terms_per_principal.
inline constexpr int64_t kMaxWatchFilterTermsPerPrincipal = 20'000;
// Terms of a filter over names that the fan-out itself evaluates; longer ones take
// their turn with those that look into records.
inline constexpr int64_t kMaxQuickFilterTerms = 8;
// How long one filter looks at changes before it is the next principal's turn; it
// ends the change that it is at.
inline constexpr absl::Duration kMaxEvaluationStep = absl::Milliseconds(2);
// How long a lagging watcher reads and looks at what it reads in one step; it ends
// the commit that it is at.
inline constexpr absl::Duration kMaxReadStep = absl::Milliseconds(20);
// Bytes of journal or names that a lagging watcher looks at in one step, so that
// a narrow filter cannot hold a thread.
inline constexpr size_t kMaxWatchScanBytes = 8 * 1024 * 1024;
// What the fan-out rests after it woke watchers, for each of them, and at the most.
// Waking one, with the write that it does, costs about half of this: so a fan-out
// that is busy leaves room for writers, and sends what comes meanwhile in one
// response instead of many. At rest nothing waits.
inline constexpr absl::Duration kDispatchRestPerWatcher = absl::Microseconds(12);
inline constexpr absl::Duration kMaxDispatchRest = absl::Milliseconds(5);
// Watches that are open at once: in all, of one principal, on one connection.
// Defaults of --max_watches, --max_watches_per_principal and
// --max_watches_per_connection.
inline constexpr int kMaxWatches = 100'000;
inline constexpr int kMaxWatchesPerPrincipal = 20'000;
inline constexpr int kMaxWatchesPerConnection = 1000;
// What a client that was refused a watch is asked to wait.
inline constexpr absl::Duration kWatchRetryDelay = absl::Seconds(5);
// The longest silence of a watch, when none is asked for, and the shortest one
// that may be asked for.
inline constexpr absl::Duration kDefaultCheckpointInterval = absl::Seconds(10);
inline constexpr absl::Duration kMinCheckpointInterval = absl::Seconds(1);
inline constexpr absl::Duration kMaxCheckpointInterval = absl::Hours(1);
// Shares of one feed.
inline constexpr int kMaxShards = 1024;

// Names that a trim looks at before it writes what it removed, so that neither
// its batch nor the pause of the writer grows with the store.
inline constexpr int kTrimNamesPerBatch = 4096;
// How often --retention looks whether there is something to trim, and the
// shortest retention: below it a watcher that reconnects would expire.
inline constexpr absl::Duration kRetentionInterval = absl::Minutes(1);
inline constexpr absl::Duration kMinRetention = absl::Minutes(1);
// Loads that are open at once.
inline constexpr int kMaxLoads = 256;
// Lines of one Load that are accepted and not yet durable.
inline constexpr int kMaxLoadLinesInFlight = 256;
// And their bytes; one line may stand above it.
inline constexpr size_t kMaxLoadBytesInFlight = 8 * 1024 * 1024;

}  // namespace communique::base

#endif  // COMMUNIQUE_SERVICE_BASE_LIMITS_H_
