#include "importers/input.h"

#include <openssl/evp.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "importers/errors.h"

namespace communique::importers {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

std::string BaseName(absl::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == absl::string_view::npos ? path : path.substr(slash + 1));
}

absl::StatusOr<InputFile> ReadFile(const std::string& path, const ParseLimits& limits) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  InputFile read;
  read.name = BaseName(path);
  std::array<char, kPieceBytes> piece;
  while (true) {
    const std::size_t size = std::fread(piece.data(), 1, piece.size(), file.get());
    if (size == 0) break;
    if (read.bytes.size() + size > limits.max_file_bytes) {
      return OverLimit(path, {}, absl::StrCat("has more than ", limits.max_file_bytes, " bytes"));
    }
    read.bytes.append(piece.data(), size);
  }
  if (std::ferror(file.get()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  }
  read.sha256 = Sha256(read.bytes);
  return read;
}

using ZipFile = std::unique_ptr<zip_file_t, int (*)(zip_file_t*)>;

absl::StatusOr<std::string> Inflate(zip_t* archive, zip_uint64_t index, const InputFile& from,
                                    const ParseLimits& limits) {
  const ZipFile member(zip_fopen_index(archive, index, 0), &zip_fclose);
  if (member == nullptr) {
    return BadFile(from.name, {}, absl::StrCat("cannot be unpacked: ", zip_strerror(archive)));
  }
  // From an archive of a few bytes nothing large comes; a small one may have its
  // header's worth.
  const std::size_t by_ratio = std::max(from.bytes.size(), kPieceBytes) * limits.max_zip_ratio;
  const std::size_t most = std::min(limits.max_file_bytes, by_ratio);
  std::string out;
  std::string piece(kPieceBytes, '\0');
  while (true) {
    const zip_int64_t size = zip_fread(member.get(), piece.data(), piece.size());
    if (size < 0) {
      return BadFile(from.name, {},
                     absl::StrCat("cannot be unpacked: ", zip_file_strerror(member.get())));
    }
    if (size == 0) return out;
    if (out.size() + static_cast<std::size_t>(size) > most) {
      return OverLimit(from.name, {}, absl::StrCat("unpacks to more than ", most, " bytes"));
    }
    out.append(piece.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace

std::string Sha256(absl::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

absl::StatusOr<InputFiles> ReadFiles(const std::vector<std::string>& paths,
                                     const ParseLimits& limits) {
  InputFiles files;
  for (const std::string& path : paths) {
    absl::StatusOr<InputFile> file = ReadFile(path, limits);
    if (!file.ok()) return file.status();
    files.push_back(*std::move(file));
  }
  return files;
}

bool IsZip(const InputFile& file) { return absl::StartsWith(file.bytes, "PK\x03\x04"); }

absl::StatusOr<InputFiles> Unzip(const InputFile& archive, const ParseLimits& limits,
                                 absl::string_view suffix) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source =
      zip_source_buffer_create(archive.bytes.data(), archive.bytes.size(), 0, &error);
  zip_t* opened = source == nullptr
                      ? nullptr
                      : zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  if (opened == nullptr) {
    if (source != nullptr) zip_source_free(source);
    absl::Status bad =
        BadFile(archive.name, {}, absl::StrCat("is no zip archive: ", zip_error_strerror(&error)));
    zip_error_fini(&error);
    return bad;
  }
  zip_error_fini(&error);
  const std::unique_ptr<zip_t, void (*)(zip_t*)> zip(opened, &zip_discard);
  const zip_int64_t count = zip_get_num_entries(zip.get(), 0);
  if (count > static_cast<zip_int64_t>(limits.max_zip_files)) {
    return OverLimit(archive.name, {},
                     absl::StrCat("has more than ", limits.max_zip_files, " files in it"));
  }
  InputFiles files;
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(zip.get(), static_cast<zip_uint64_t>(i), 0);
    if (name == nullptr || !absl::EndsWithIgnoreCase(name, suffix)) continue;
    absl::StatusOr<std::string> bytes =
        Inflate(zip.get(), static_cast<zip_uint64_t>(i), archive, limits);
    if (!bytes.ok()) return bytes.status();
    InputFile file;
    file.name = absl::StrCat(archive.name, "/", BaseName(name));
    file.bytes = *std::move(bytes);
    file.sha256 = Sha256(file.bytes);
    files.push_back(std::move(file));
  }
  if (files.empty()) {
    return BadFile(archive.name, {}, absl::StrCat("has no file in it that ends with ", suffix));
  }
  return files;
}

}  // namespace communique::importers
