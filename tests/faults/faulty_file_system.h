#ifndef COMMUNIQUE_TESTS_FAULTS_FAULTY_FILE_SYSTEM_H_
#define COMMUNIQUE_TESTS_FAULTS_FAULTY_FILE_SYSTEM_H_

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace communique::testing {

// A file system under RocksDB that counts writes and syncs, fails those it is
// told to, and knows what a power cut would leave.
//
// A power cut keeps of each file what was synced, and drops files whose folder
// was not synced since they were made. Renames count as durable at once, as on a
// journalling file system.
class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  enum class Op { kWrite, kSync };
  // Called before each operation, numbered from 1; true: it fails. Not called
  // again while it runs.
  using Hook = std::function<bool(Op op, int number)>;

  FaultyFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultyFileSystem"; }

  void SetHook(Hook hook) {
    std::lock_guard<std::recursive_mutex> lock(mutex_);
    hook_ = std::move(hook);
    number_ = 0;
  }
  // Half of a write that fails reaches the file.
  void TearWrites() { tear_ = true; }

  // What a power cut now would leave of `from`, put into `to`. Files that were
  // not written through this are taken as they are.
  void CopyDurable(const std::string& from, const std::string& to) {
    std::lock_guard<std::recursive_mutex> lock(mutex_);
    namespace fs = std::filesystem;
    fs::create_directories(to);
    for (const auto& entry : fs::recursive_directory_iterator(from)) {
      const fs::path target = fs::path(to) / fs::relative(entry.path(), from);
      if (entry.is_directory()) {
        fs::create_directories(target);
        continue;
      }
      const auto known = files_.find(entry.path().lexically_normal().string());
      if (known != files_.end() && !known->second.entry_synced) continue;
      fs::copy_file(entry.path(), target);
      if (known != files_.end()) fs::resize_file(target, known->second.synced_bytes);
    }
  }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    std::lock_guard<std::recursive_mutex> lock(mutex_);
    const rocksdb::IOStatus status = FileSystemWrapper::RenameFile(from, to, options, debug);
    if (const auto found = files_.find(Normal(from)); status.ok() && found != files_.end()) {
      FileState state = found->second;
      state.entry_synced = true;
      files_.erase(found);
      files_[Normal(to)] = state;
    }
    return status;
  }
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    std::lock_guard<std::recursive_mutex> lock(mutex_);
    files_.erase(Normal(name));
    return FileSystemWrapper::DeleteFile(name, options, debug);
  }

 private:
  friend class FaultyFile;
  friend class FaultyDirectory;

  struct FileState {
    uint64_t bytes = 0;
    uint64_t synced_bytes = 0;
    bool entry_synced = false;
  };

  static std::string Normal(const std::string& path) {
    return std::filesystem::path(path).lexically_normal().string();
  }

  // Whether the next operation fails.
  bool Fails(Op op) {
    if (!hook_ || in_hook_) return false;
    in_hook_ = true;
    const bool fails = hook_(op, ++number_);
    in_hook_ = false;
    return fails;
  }

  std::recursive_mutex mutex_;  // guards all below
  std::map<std::string, FileState> files_;
  Hook hook_;
  bool in_hook_ = false;
  bool tear_ = false;
  int number_ = 0;
};

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> base, std::string name,
             FaultyFileSystem& system)
      : FSWritableFileOwnerWrapper(std::move(base)), name_(std::move(name)), system_(system) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    std::lock_guard<std::recursive_mutex> lock(system_.mutex_);
    const bool fails = system_.Fails(FaultyFileSystem::Op::kWrite);
    if (fails && !system_.tear_) return rocksdb::IOStatus::IOError("injected: write");
    const rocksdb::Slice written(data.data(), fails ? data.size() / 2 : data.size());
    const rocksdb::IOStatus status = FSWritableFileOwnerWrapper::Append(written, options, debug);
    if (status.ok()) system_.files_[name_].bytes += written.size();
    return fails ? rocksdb::IOStatus::IOError("injected: torn write") : status;
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo&,
                           rocksdb::IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  rocksdb::IOStatus Truncate(uint64_t size, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
    std::lock_guard<std::recursive_mutex> lock(system_.mutex_);
    auto& state = system_.files_[name_];
    state.bytes = std::min(state.bytes, size);
    state.synced_bytes = std::min(state.synced_bytes, size);
    return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* debug) override {
    std::lock_guard<std::recursive_mutex> lock(system_.mutex_);
    if (system_.Fails(FaultyFileSystem::Op::kSync)) {
      return rocksdb::IOStatus::IOError("injected: sync");
    }
    const rocksdb::IOStatus status = FSWritableFileOwnerWrapper::Sync(options, debug);
    auto& state = system_.files_[name_];
    if (status.ok()) state.synced_bytes = state.bytes;
    return status;
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                          rocksdb::IODebugContext* debug) override {
    return Sync(options, debug);
  }

 private:
  const std::string name_;
  FaultyFileSystem& system_;
};

class FaultyDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(std::unique_ptr<rocksdb::FSDirectory> base, std::string name,
                  FaultyFileSystem& system)
      : FSDirectoryWrapper(std::move(base)), name_(std::move(name)), system_(system) {}

  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                          rocksdb::IODebugContext* debug) override {
    MarkSynced();
    return FSDirectoryWrapper::Fsync(options, debug);
  }
  rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options,
                                        rocksdb::IODebugContext* debug,
                                        const rocksdb::DirFsyncOptions& what) override {
    MarkSynced();
    return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, what);
  }

 private:
  void MarkSynced() {
    std::lock_guard<std::recursive_mutex> lock(system_.mutex_);
    for (auto& [file, state] : system_.files_) {
      if (std::filesystem::path(file).parent_path() == name_) state.entry_synced = true;
    }
  }

  const std::filesystem::path name_;
  FaultyFileSystem& system_;
};

inline rocksdb::IOStatus FaultyFileSystem::NewWritableFile(
    const std::string& name, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSWritableFile>* result, rocksdb::IODebugContext* debug) {
  std::lock_guard<std::recursive_mutex> lock(mutex_);
  std::unique_ptr<rocksdb::FSWritableFile> base;
  const rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &base, debug);
  if (!status.ok()) return status;
  files_[Normal(name)] = {};
  *result = std::make_unique<FaultyFile>(std::move(base), Normal(name), *this);
  return status;
}

inline rocksdb::IOStatus FaultyFileSystem::NewDirectory(
    const std::string& name, const rocksdb::IOOptions& options,
    std::unique_ptr<rocksdb::FSDirectory>* result, rocksdb::IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> base;
  const rocksdb::IOStatus status = FileSystemWrapper::NewDirectory(name, options, &base, debug);
  if (!status.ok()) return status;
  *result = std::make_unique<FaultyDirectory>(std::move(base), Normal(name), *this);
  return status;
}

}  // namespace communique::testing

#endif  // COMMUNIQUE_TESTS_FAULTS_FAULTY_FILE_SYSTEM_H_
