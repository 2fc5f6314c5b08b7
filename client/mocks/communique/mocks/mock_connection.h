#ifndef COMMUNIQUE_MOCKS_MOCK_CONNECTION_H_
#define COMMUNIQUE_MOCKS_MOCK_CONNECTION_H_

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>

#include "communique/connection.h"

// For the tests of code that uses a Client:
//
//   auto mock = std::make_shared<communique::MockConnection>();
//   EXPECT_CALL(*mock, Get(_, "actors/kim-jong-un", _)).WillOnce(Return(record));
//   MyService service{communique::Client(mock)};
//
// A StartListPage without an expectation answers null: List then calls ListPage
// for each page when it is needed. For watches see fake_watch.h.
namespace communique {

class MockConnection : public Connection {
 public:
  MOCK_METHOD(ClientOptions, options, (), (const, override));
  MOCK_METHOD(absl::StatusOr<v1::Record>, Get,
              (v1::RecordKind, const std::string&, const ReadOptions&), (override));
  MOCK_METHOD(absl::StatusOr<RecordPage>, ListPage, (v1::RecordKind, const ListOptions&),
              (override));
  MOCK_METHOD(std::unique_ptr<PendingPage>, StartListPage, (v1::RecordKind, const ListOptions&),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::BatchGetResponse>, BatchGet,
              (const v1::BatchGetRequest&, const CallOptions&), (override));
  MOCK_METHOD(absl::StatusOr<v1::ListRevisionsResponse>, ListRevisions,
              (const v1::ListRevisionsRequest&, const CallOptions&), (override));
  MOCK_METHOD(absl::StatusOr<v1::SearchResponse>, SearchPage,
              (const v1::SearchRequest&, const CallOptions&), (override));
  MOCK_METHOD(absl::StatusOr<v1::CommitResponse>, Commit,
              (const v1::CommitRequest&, const CallOptions&), (override));
  MOCK_METHOD(absl::StatusOr<v1::ScreenResponse>, Screen,
              (const v1::ScreenRequest&, const CallOptions&), (override));
  MOCK_METHOD(absl::StatusOr<v1::VerifyClaimResponse>, VerifyClaim,
              (const v1::VerifyClaimRequest&, const CallOptions&), (override));
  MOCK_METHOD(absl::StatusOr<v1::GetStatusResponse>, GetStatus,
              (const v1::GetStatusRequest&, const CallOptions&), (override));
  MOCK_METHOD(absl::StatusOr<v1::CreateBackupResponse>, CreateBackup,
              (const v1::CreateBackupRequest&, const CallOptions&), (override));
  MOCK_METHOD(absl::StatusOr<v1::ListBackupsResponse>, ListBackups,
              (const v1::ListBackupsRequest&, const CallOptions&), (override));
  MOCK_METHOD(absl::StatusOr<v1::VerifyBackupResponse>, VerifyBackup,
              (const v1::VerifyBackupRequest&, const CallOptions&), (override));
  MOCK_METHOD(absl::StatusOr<v1::TrimJournalResponse>, TrimJournal,
              (const v1::TrimJournalRequest&, const CallOptions&), (override));
  MOCK_METHOD(std::unique_ptr<WatchStream>, OpenWatch, (const v1::WatchRequest&), (override));
  MOCK_METHOD(std::unique_ptr<LoadStream>, OpenLoad, (), (override));
};

class MockPendingPage : public PendingPage {
 public:
  MOCK_METHOD(absl::StatusOr<RecordPage>, Get, (), (override));
};

class MockWatchStream : public WatchStream {
 public:
  MOCK_METHOD(absl::StatusOr<std::optional<WatchBatch>>, Read, (absl::Duration), (override));
  MOCK_METHOD(void, Cancel, (), (override));
};

class MockLoadStream : public LoadStream {
 public:
  MOCK_METHOD(absl::Status, Write, (const v1::LoadRequest&, absl::Time), (override));
  MOCK_METHOD(absl::Status, WritesDone, (absl::Time), (override));
  MOCK_METHOD(absl::StatusOr<std::optional<v1::LoadResponse>>, Read, (absl::Time), (override));
  MOCK_METHOD(std::optional<v1::LoadResponse>, Poll, (), (override));
  MOCK_METHOD(void, Cancel, (), (override));
};

}  // namespace communique

#endif  // COMMUNIQUE_MOCKS_MOCK_CONNECTION_H_
