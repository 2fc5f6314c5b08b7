#include "service/store/event_store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "communique/storage/v1/journal.pb.h"
#include "service/base/hash.h"
#include "service/base/limits.h"
#include "service/base/log.h"
#include "service/base/timestamp.h"
#include "service/journal/errors.h"
#include "service/store/commit_rules.h"
#include "service/store/errors.h"

namespace communique::store {

EventStore::EventStore(journal::LocalStore& local, journal::Journal& journal,
                       const base::Clock& clock)
    : local_(local), journal_(journal), clock_(clock), trimmer_(local),
      request_ids_(base::kRequestIdWindowRevisions) {}

EventStore::~EventStore() { Stop(); }

absl::Status EventStore::Start() {
  if (absl::Status status = RememberRequests(); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  stopping_ = false;
  writer_ = std::thread([this] { RunWriter(); });
  trimmer_.Start();
  return absl::OkStatus();
}

void EventStore::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (writer_.joinable()) writer_.join();
  trimmer_.Stop();
}

void EventStore::SetStoppedCallback(absl::AnyInvocable<void()> stopped) {
  absl::MutexLock lock(&stopped_mutex_);
  stopped_ = std::move(stopped);
}

absl::Status EventStore::RememberRequests() {
  const int64_t head = local_.head();
  // Headers outlive a trim for as long as request ids are remembered.
  const int64_t from = std::max<int64_t>(0, head - base::kRequestIdWindowRevisions);
  storage::v1::CommitHeader header;
  absl::Status parsed = absl::OkStatus();
  for (int64_t revision = from + 1; revision <= head && parsed.ok(); ++revision) {
    const absl::Status read =
        local_.ReadHeader(revision, [&](absl::string_view bytes, absl::string_view) {
          if (!header.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
            parsed = journal::DataCorrupt(absl::StrCat("commit ", revision), "its header");
            return;
          }
          if (!header.request_id().empty()) {
            request_ids_.Remember(header.principal(), header.request_id(),
                                  {revision, header.request_digest(), std::nullopt});
          }
        });
    if (!read.ok()) return journal::DataCorrupt(absl::StrCat("commit ", revision), read.message());
  }
  if (head > from && parsed.ok()) {
    last_time_ = absl::FromUnixMicros(header.commit_time_us());
  } else if (head > 0 && parsed.ok()) {
    return journal::DataCorrupt(absl::StrCat("commit ", head), "is not held");
  }
  return parsed;
}

void EventStore::Commit(v1::CommitRequest request, std::string principal, CommitCallback done) {
  auto proposal = std::make_unique<Proposal>();
  if (!request.request_id().empty()) {
    // Before anything is derived: the digest is of what the caller sent.
    proposal->digest = base::Sha256({request.SerializeAsString()});
  }
  if (absl::Status status = PrepareCommit(request); !status.ok()) {
    counters_.Refuse(base::ReasonOf(status));
    return done(status);
  }
  proposal->request = std::move(request);
  proposal->principal = std::move(principal);
  proposal->done = std::move(done);
  Enqueue(std::move(proposal));
}

void EventStore::CommitLine(std::shared_ptr<LoadSession> session, int64_t line,
                            v1::CommitRequest request, CommitCallback done) {
  absl::Status status = absl::OkStatus();
  if (!request.request_id().empty() || request.validate_only()) {
    base::Violations violations;
    violations.Add("line.commit", "request_id and validate_only are not for loads");
    status = violations.ToStatus();
  } else {
    status = PrepareCommit(request);
  }
  auto proposal = std::make_unique<Proposal>();
  if (request.reason().empty()) request.set_reason(session->reason());
  proposal->principal = session->principal();
  proposal->load = std::move(session);
  proposal->line = line;
  proposal->done = std::move(done);
  if (!status.ok()) {
    // Earlier lines may still wait; this one is refused in its turn, so that the
    // load breaks at it and not before it.
    proposal->done = [refusal = LoadLineRefused(line, status),
                      done = std::move(proposal->done)](auto result) mutable {
      done(result.ok() ? std::move(result) : refusal);
    };
    request.Clear();
  }
  proposal->request = std::move(request);
  Enqueue(std::move(proposal));
}

void EventStore::Trim(int64_t revision, std::string principal, TrimCallback done) {
  if (revision < 1) {
    base::Violations violations;
    violations.Add("revision", "must be at least 1");
    return done(violations.ToStatus());
  }
  auto proposal = std::make_unique<Proposal>();
  proposal->principal = std::move(principal);
  proposal->trim_revision = revision;
  proposal->done = [this, done = std::move(done)](const auto& response) mutable {
    if (!response.ok()) return done(response.status());
    done(local_.oldest());
  };
  Enqueue(std::move(proposal));
}

absl::StatusOr<journal::LoadPosition> EventStore::FindLoad(const LoadSession& session) const {
  return local_.FindLoad(journal::MakeLoadKey(session.principal(), session.load_id()));
}

void EventStore::Enqueue(std::unique_ptr<Proposal> proposal) {
  proposal->bytes = proposal->request.ByteSizeLong();
  proposal->begin = clock_.Steady();
  absl::Status refused;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) {
      refused = Draining();
    } else if (queue_.size() >= base::kMaxWaitingProposals ||
               queue_bytes_ + proposal->bytes > base::kMaxWaitingBytes) {
      refused = QueueFull();
    } else {
      queue_bytes_ += proposal->bytes;
      queue_.push_back(std::move(proposal));
      counters_.waiting = static_cast<int64_t>(queue_.size());
    }
  }
  if (!refused.ok()) {
    if (proposal->load != nullptr) proposal->load->Break();
    counters_.Refuse(base::ReasonOf(refused));
    proposal->done(refused);
  }
}

std::vector<std::unique_ptr<EventStore::Proposal>> EventStore::TakeProposals() {
  std::vector<std::unique_ptr<Proposal>> taken;
  absl::MutexLock lock(&mutex_);
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !queue_.empty() || stopping_;
  };
  mutex_.Await(absl::Condition(&ready));
  size_t bytes = 0;
  while (!queue_.empty() && taken.size() < base::kMaxProposalsPerGroup &&
         bytes < base::kMaxGroupBytes) {
    bytes += queue_.front()->bytes;
    queue_bytes_ -= queue_.front()->bytes;
    taken.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  counters_.waiting = static_cast<int64_t>(queue_.size());
  return taken;
}

void EventStore::PutBack(std::vector<std::unique_ptr<Proposal>>& proposals, size_t from) {
  absl::MutexLock lock(&mutex_);
  while (proposals.size() > from) {
    queue_bytes_ += proposals.back()->bytes;
    queue_.push_front(std::move(proposals.back()));
    proposals.pop_back();
  }
  counters_.waiting = static_cast<int64_t>(queue_.size());
}

void EventStore::RunWriter() {
  while (true) {
    auto proposals = TakeProposals();
    if (proposals.empty()) return;  // stopping, and nothing waits
    Group group(local_);
    group.head = local_.head();
    const int64_t oldest = group.oldest = local_.oldest();
    group.head_hash = local_.head_hash();
    group.last_time = last_time_;
    size_t planned = 0;
    // Small requests may make large commits: the group ends where those are enough.
    for (; planned < proposals.size() && group.bytes < base::kMaxGroupBytes; ++planned) {
      const auto& proposal = proposals[planned];
      auto result = Plan(*proposal, group);
      if (!result.ok() && proposal->load != nullptr) proposal->load->Break();
      group.answers.push_back({std::move(proposal->done), std::move(result)});
    }
    if (planned < proposals.size()) PutBack(proposals, planned);
    absl::Status status;
    const absl::Time append_begin = clock_.Steady();
    if (!group.commits.empty()) status = journal_.Append(group.commits);
    if (status.ok() && !group.load_marks.empty()) {
      status = local_.SaveLoads(group.load_marks);
    }
    if (status.ok() && !group.commits.empty()) {
      CountAppended(group.commits, append_begin);
      last_time_ = group.last_time;
      request_ids_.Advance(group.head);
      for (CommitListener* listener : listeners_) listener->OnCommits(group.commits);
      if (local_.oldest() > oldest) trimmer_.Wake();
    }
    if (!status.ok()) {
      base::Log(base::LogLevel::kError, "journal_append_failed",
                {{"revision", absl::StrCat(local_.head() + 1)},
                 {"error", std::string(status.message())}});
      absl::MutexLock lock(&stopped_mutex_);
      if (stopped_) std::exchange(stopped_, nullptr)();
    }
    for (size_t i = 0; i < group.answers.size(); ++i) {
      Answer& answer = group.answers[i];
      // Even an answer that changed nothing may rest on one of the group that
      // did not become durable.
      if (!status.ok() && answer.result.ok()) {
        if (proposals[i]->load != nullptr) proposals[i]->load->Break();
        answer.result = status;
      }
      CountAnswer(*proposals[i], answer.result);
      answer.done(std::move(answer.result));
    }
  }
}

void EventStore::CountAppended(const journal::CommitGroup& commits, absl::Time begin) {
  counters_.append_seconds.Observe(clock_.Steady() - begin);
  counters_.group_commits.Observe(static_cast<double>(commits.size()));
  int64_t changes = 0;
  int64_t bytes = 0;
  for (const auto& commit : commits) {
    changes += static_cast<int64_t>(commit->changes.size());
    bytes += static_cast<int64_t>(commit->Bytes());
  }
  counters_.commits += static_cast<int64_t>(commits.size());
  counters_.changes += changes;
  counters_.commit_bytes += bytes;
}

void EventStore::CountAnswer(const Proposal& proposal,
                             const absl::StatusOr<v1::CommitResponse>& result) {
  counters_.commit_seconds.Observe(clock_.Steady() - proposal.begin);
  if (!result.ok()) {
    const v1::ErrorReason reason = base::ReasonOf(result.status());
    const bool line = reason == v1::ERROR_REASON_UNSPECIFIED && proposal.load != nullptr;
    counters_.Refuse(line ? v1::ERROR_REASON_LOAD_LINE_REFUSED : reason);
  } else if (result->replayed()) {
    ++counters_.replayed;
  } else if (!proposal.applied) {
    ++counters_.unchanged;
  }
}

absl::StatusOr<v1::CommitResponse> EventStore::Plan(Proposal& proposal, Group& group) {
  // What was remembered for a group that failed must not answer a repeat.
  if (absl::Status stopped = journal_.health(); !stopped.ok()) return stopped;
  if (proposal.trim_revision > 0) return PlanTrim(proposal, group);
  PlanInput input;
  if (proposal.load != nullptr) {
    if (proposal.load->broken()) {
      return absl::AbortedError("an earlier line of the load was refused");
    }
    const auto held = HeldLine(proposal, group);
    if (!held.ok()) return held.status();
    if (proposal.line <= *held) return Standing(group);
    // Emptied where the line was refused before it was queued.
    if (proposal.request.mutations().empty()) return absl::AbortedError("refused");
    input.load_id = proposal.load->load_id();
    input.load_line = proposal.line;
  } else if (!proposal.request.request_id().empty()) {
    auto repeat = FindRepeat(proposal, group);
    if (!repeat.ok()) return repeat.status();
    if (*repeat) return **std::move(repeat);
  }
  input.revision = group.head + 1;
  input.commit_time = NextTime(group);
  input.principal = proposal.principal;
  input.epoch = local_.identity().epoch;
  input.previous_hash = group.head_hash;
  input.request_digest = proposal.digest;
  auto plan = PlanCommit(proposal.request, input, group.state);
  if (!plan.ok()) {
    return proposal.load != nullptr ? LoadLineRefused(proposal.line, plan.status())
                                    : plan.status();
  }
  if (proposal.request.validate_only() || plan->commit == nullptr) {
    group.state.Refuse();
    auto standing = Standing(group);
    if (!standing.ok()) return standing.status();
    *standing->mutable_results() = std::move(*plan->response.mutable_results());
    if (plan->commit != nullptr) {
      // Only validated: the versions that were worked out never stand.
      for (v1::MutationResult& result : *standing->mutable_results()) {
        if (result.changed()) result.clear_etag();
      }
    }
    if (proposal.load != nullptr) {
      // No commit tells how far the load has got, and the line is acknowledged.
      const std::string key = journal::MakeLoadKey(proposal.principal, proposal.load->load_id());
      group.load_lines[key] = proposal.line;
      group.load_marks[key] = {proposal.line, group.head};
    }
    if (!proposal.request.validate_only() && !proposal.digest.empty()) {
      request_ids_.Remember(proposal.principal, proposal.request.request_id(),
                            {group.head, proposal.digest, *standing});
    }
    return standing;
  }
  group.state.Accept();
  if (!proposal.digest.empty()) {
    request_ids_.Remember(proposal.principal, proposal.request.request_id(),
                          {input.revision, proposal.digest, std::nullopt});
    group.responses[input.revision] = plan->response;
  }
  if (!plan->commit->load_key.empty()) {
    group.load_lines[plan->commit->load_key] = plan->commit->load_line;
    group.load_marks.erase(plan->commit->load_key);
  }
  group.bytes += plan->commit->Bytes();
  group.head = input.revision;
  group.head_hash = plan->commit->hash;
  group.last_time = input.commit_time;
  group.commits.push_back(std::move(plan->commit));
  proposal.applied = true;
  return std::move(plan->response);
}

absl::Time EventStore::NextTime(const Group& group) const {
  return std::max(absl::FromUnixMicros(absl::ToUnixMicros(clock_.Now())),
                  group.last_time + absl::Microseconds(1));
}

absl::StatusOr<v1::CommitResponse> EventStore::PlanTrim(Proposal& proposal, Group& group) {
  if (proposal.trim_revision > group.head) {
    return RevisionInFuture("revision", proposal.trim_revision, group.head);
  }
  if (proposal.trim_revision <= group.oldest) return Standing(group);
  auto commit = std::make_shared<journal::EncodedCommit>();
  commit->revision = group.head + 1;
  commit->time = NextTime(group);
  commit->trim_revision = proposal.trim_revision;
  storage::v1::CommitHeader header;
  header.set_revision(commit->revision);
  header.set_commit_time_us(absl::ToUnixMicros(commit->time));
  header.set_principal(proposal.principal);
  header.set_trim_revision(proposal.trim_revision);
  commit->header = header.SerializeAsString();
  commit->hash = journal::ChainHash(group.head_hash, *commit);
  group.bytes += commit->Bytes();
  group.head = commit->revision;
  group.oldest = commit->trim_revision;
  group.head_hash = commit->hash;
  group.last_time = commit->time;
  group.commits.push_back(std::move(commit));
  proposal.applied = true;
  return Standing(group);
}

absl::StatusOr<std::optional<v1::CommitResponse>> EventStore::FindRepeat(
    const Proposal& proposal, const Group& group) const {
  const RequestIds::Answer* answer =
      request_ids_.Find(proposal.principal, proposal.request.request_id());
  if (answer == nullptr) return std::nullopt;
  if (answer->digest != proposal.digest) {
    return RequestIdReused(proposal.request.request_id(), answer->revision);
  }
  absl::StatusOr<v1::CommitResponse> response =
      answer->unchanged ? *answer->unchanged
      : answer->revision > local_.head() ? group.responses.at(answer->revision)
                                         : ReadAnswer(answer->revision);
  if (!response.ok()) return response.status();
  response->set_replayed(true);
  return *std::move(response);
}

absl::StatusOr<v1::CommitResponse> EventStore::ReadAnswer(int64_t revision) const {
  storage::v1::CommitHeader header;
  bool parsed = false;
  const absl::Status status =
      local_.ReadHeader(revision, [&](absl::string_view bytes, absl::string_view) {
        parsed = header.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
      });
  if (!status.ok()) return status;
  if (!parsed) return journal::DataCorrupt(absl::StrCat("commit ", revision), "its header");
  v1::CommitResponse response;
  response.set_revision(revision);
  base::SetTimestamp(header.commit_time_us(), *response.mutable_commit_time());
  for (const storage::v1::MutationOutcome& outcome : header.outcomes()) {
    v1::MutationResult& result = *response.add_results();
    result.set_name(outcome.name());
    result.set_etag(outcome.etag());
    result.set_changed(outcome.changed());
  }
  return response;
}

absl::StatusOr<v1::CommitResponse> EventStore::Standing(const Group& group) const {
  v1::CommitResponse response;
  response.set_revision(group.head);
  if (group.head > 0) {
    base::SetTimestamp(group.last_time, *response.mutable_commit_time());
  }
  return response;
}

absl::StatusOr<int64_t> EventStore::HeldLine(const Proposal& proposal, const Group& group) const {
  const std::string key =
      journal::MakeLoadKey(proposal.load->principal(), proposal.load->load_id());
  const auto found = group.load_lines.find(key);
  if (found != group.load_lines.end()) return found->second;
  const auto position = local_.FindLoad(key);
  if (!position.ok()) return position.status();
  return position->line;
}

}  // namespace communique::store
