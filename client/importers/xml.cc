#include "importers/xml.h"

#include <expat.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "importers/text.h"

namespace communique::importers {
namespace {

// How much is handed to expat at a time: what is over a limit is seen soon.
constexpr std::size_t kPieceBytes = std::size_t{64} << 10;
// Attributes of one element. The lists have at most 12.
constexpr std::size_t kMaxAttributes = 64;

std::string LocalName(absl::string_view name) {
  const std::size_t colon = name.rfind(':');
  return std::string(colon == absl::string_view::npos ? name : name.substr(colon + 1));
}

// One reading of one file.
class Reading {
 public:
  Reading(const InputFile& file, const ParseLimits& limits, absl::string_view root,
          const std::vector<std::string>& record_paths, const XmlRecordHandler& on_record)
      : file_(file),
        limits_(limits),
        root_name_(root),
        record_paths_(record_paths),
        on_record_(on_record),
        parser_(XML_ParserCreate(nullptr), &XML_ParserFree) {}

  absl::StatusOr<XmlElement> Run() {
    if (parser_ == nullptr) return absl::ResourceExhaustedError("no memory for a parser");
    if (file_.bytes.size() > limits_.max_file_bytes) {
      return OverLimit(file_.name, {},
                       absl::StrCat("has more than ", limits_.max_file_bytes, " bytes"));
    }
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), &Reading::Begin, &Reading::End);
    XML_SetCharacterDataHandler(parser_.get(), &Reading::Text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), &Reading::Doctype);

    absl::string_view left = file_.bytes;
    do {
      const absl::string_view piece = left.substr(0, kPieceBytes);
      left.remove_prefix(piece.size());
      const XML_Status parsed = XML_Parse(parser_.get(), piece.data(),
                                          static_cast<int>(piece.size()), left.empty() ? 1 : 0);
      if (!status_.ok()) return status_;
      if (parsed != XML_STATUS_OK) return NotWellFormed();
    } while (!left.empty());
    return std::move(result_);
  }

 private:
  static Reading& Of(void* self) { return *static_cast<Reading*>(self); }
  static void Begin(void* self, const XML_Char* name, const XML_Char** attributes) {
    Of(self).OnBegin(name, attributes);
  }
  static void End(void* self, const XML_Char*) { Of(self).OnEnd(); }
  static void Text(void* self, const XML_Char* text, int size) {
    Of(self).OnText(absl::string_view(text, static_cast<std::size_t>(size)));
  }
  static void Doctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    Reading& reading = Of(self);
    reading.Stop(BadFile(reading.file_.name, reading.Here(),
                         "has a DOCTYPE, which no list has; it is not read"));
  }

  void OnBegin(absl::string_view name, const XML_Char** attributes) {
    if (!status_.ok()) return;
    XmlElement element;
    element.name = LocalName(name);
    element.at = Here();
    if (open_.empty() && element.name != root_name_) {
      return Stop(BadFile(file_.name, Here(),
                          absl::StrCat("is of another kind: it begins with <", element.name,
                                       ">, not with <", root_name_, ">")));
    }
    if (open_.size() >= limits_.max_depth) {
      return Stop(OverLimit(file_.name, Here(),
                            absl::StrCat("has elements more than ", limits_.max_depth, " deep")));
    }
    if (++elements_ > limits_.max_elements) {
      return Stop(OverLimit(file_.name, Here(),
                            absl::StrCat("has more than ", limits_.max_elements, " elements")));
    }
    std::size_t count = 0;
    for (const XML_Char** a = attributes; *a != nullptr; a += 2) {
      if (++count > kMaxAttributes || absl::string_view(a[1]).size() > limits_.max_text_bytes) {
        return Stop(OverLimit(file_.name, Here(), "has an element with too long attributes"));
      }
      if (absl::StartsWith(a[0], "xmlns")) continue;
      element.attributes.emplace_back(LocalName(a[0]), CollapseSpace(a[1]));
    }
    if (!open_.empty()) {
      absl::StrAppend(&path_, path_.empty() ? "" : "/", element.name);
    }
    if (record_depth_ == 0 && IsRecord()) {
      record_depth_ = open_.size() + 1;
      record_elements_ = 0;
    }
    // Elements outside records are few; within one they are counted for each.
    if (++record_elements_ > limits_.max_entry_elements) {
      return Stop(OverLimit(
          file_.name, Here(),
          absl::StrCat("has an entry of more than ", limits_.max_entry_elements, " elements")));
    }
    open_.push_back(std::move(element));
  }

  void OnEnd() {
    if (!status_.ok()) return;
    XmlElement element = std::move(open_.back());
    open_.pop_back();
    element.text = CollapseSpace(element.text);
    if (open_.empty()) {
      result_ = std::move(element);
      return;
    }
    if (record_depth_ == open_.size() + 1) {
      record_depth_ = 0;
      record_elements_ = 0;
      absl::Status handled = on_record_(path_, element);
      if (!handled.ok()) return Stop(std::move(handled));
    } else {
      open_.back().children.push_back(std::move(element));
    }
    const std::size_t slash = path_.rfind('/');
    path_.resize(slash == std::string::npos ? 0 : slash);
  }

  void OnText(absl::string_view text) {
    if (!status_.ok() || open_.empty()) return;
    std::string& whole = open_.back().text;
    // White space between elements is not kept: a long file has much of it.
    if (whole.empty()) text = StripSpaceBefore(text);
    if (whole.size() + text.size() > limits_.max_text_bytes) {
      return Stop(
          OverLimit(file_.name, Here(),
                    absl::StrCat("has a text of more than ", limits_.max_text_bytes, " bytes")));
    }
    whole.append(text.data(), text.size());
  }

  bool IsRecord() const {
    return std::find(record_paths_.begin(), record_paths_.end(), path_) != record_paths_.end();
  }

  void Stop(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  FilePosition Here() const {
    return {static_cast<std::int64_t>(XML_GetCurrentLineNumber(parser_.get())),
            static_cast<std::int64_t>(XML_GetCurrentColumnNumber(parser_.get())) + 1};
  }

  absl::Status NotWellFormed() const {
    const XML_Error code = XML_GetErrorCode(parser_.get());
    if (code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN ||
        code == XML_ERROR_PARTIAL_CHAR) {
      return BadFile(file_.name, Here(),
                     absl::StrCat("ends early, or is no XML: ", XML_ErrorString(code)));
    }
    return BadFile(file_.name, Here(),
                   absl::StrCat("is not well-formed XML: ", XML_ErrorString(code)));
  }

  const InputFile& file_;
  const ParseLimits& limits_;
  const std::string root_name_;
  const std::vector<std::string>& record_paths_;
  const XmlRecordHandler& on_record_;
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser_;

  absl::Status status_;
  std::vector<XmlElement> open_;  // From the root down to where it is.
  std::string path_;              // Of the innermost one, from below the root.
  std::size_t record_depth_ = 0;  // Of the record that is open, from 1; 0: none is.
  std::size_t elements_ = 0;
  std::size_t record_elements_ = 0;
  XmlElement result_;
};

}  // namespace

std::string XmlElement::Take(absl::string_view child) {
  for (XmlElement& candidate : children) {
    if (candidate.taken_ || candidate.text.empty() || candidate.name != child) continue;
    return candidate.TakeText();
  }
  return std::string();
}

std::vector<std::string> XmlElement::TakeAll(absl::string_view child) {
  std::vector<std::string> texts;
  for (XmlElement& candidate : children) {
    if (candidate.taken_ || candidate.text.empty() || candidate.name != child) continue;
    texts.push_back(candidate.TakeText());
  }
  return texts;
}

std::vector<XmlElement*> XmlElement::TakeElements(absl::string_view child) {
  std::vector<XmlElement*> elements;
  for (XmlElement& candidate : children) {
    if (candidate.handed_out_ || candidate.name != child) continue;
    candidate.handed_out_ = true;
    elements.push_back(&candidate);
  }
  return elements;
}

XmlElement* XmlElement::TakeElement(absl::string_view child) {
  for (XmlElement& candidate : children) {
    if (candidate.handed_out_ || candidate.name != child) continue;
    candidate.handed_out_ = true;
    return &candidate;
  }
  return nullptr;
}

std::string XmlElement::TakeAttribute(absl::string_view attribute) {
  taken_attributes_.resize(attributes.size());
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (attributes[i].first != attribute) continue;
    taken_attributes_[i] = true;
    return attributes[i].second;
  }
  return std::string();
}

std::string XmlElement::TakeText() {
  taken_ = true;
  return text;
}

std::vector<XmlElement::Leftover> XmlElement::Rest() const {
  std::vector<Leftover> rest;
  AddRest(name, &rest);
  return rest;
}

void XmlElement::AddRest(const std::string& path, std::vector<Leftover>* rest) const {
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    const bool taken = i < taken_attributes_.size() && taken_attributes_[i];
    if (taken || attributes[i].second.empty()) continue;
    rest->push_back({absl::StrCat(path, "@", attributes[i].first), attributes[i].second});
  }
  if (!taken_ && !text.empty()) rest->push_back({path, text});
  for (const XmlElement& child : children) child.AddRest(absl::StrCat(path, "/", child.name), rest);
}

absl::StatusOr<XmlElement> ReadXml(const InputFile& file, const ParseLimits& limits,
                                   absl::string_view root,
                                   const std::vector<std::string>& record_paths,
                                   const XmlRecordHandler& on_record) {
  return Reading(file, limits, root, record_paths, on_record).Run();
}

}  // namespace communique::importers
